/**
 * Privacy losses on a grid, moved there in a direction that is safe: what is computed from `upper` is never below the truth, from `lower` never above.
 *
 * With X = dP/dQ, δ(ε) = E_Q (X − e^ε)₊ is the expectation of a convex function of X. Splitting an atom of X into two with the same mean can only
 * raise it, merging two into their mean can only lower it, and both keep composition in order (Blackwell). Either moves the losses by an error of
 * second order in the step of the grid, where rounding each loss up or down would be off by the step itself, in every composition again.
 */
import type { DominatingPair, Masses } from "./dominating-pair.ts";

/** A distribution of losses under P: mass `masses[i]` at loss (first + i) · step, and `infinite` at infinity. What is missing to 1 lies at −∞. */
export interface GridLoss {
  readonly step: number;
  readonly first: number;
  readonly masses: Float64Array;
  readonly infinite: number;
}

/** Mass of P beyond the grid: far below anything that float64 resolves in a δ. */
const tail = 1e-22;

/**
 * Both distributions of a pair's loss on the multiples of a step.
 *
 * @see Doroshenko, Ghazi, Kamath, Kumar & Manurangsi, Connect the Dots, PoPETs 2022, for the upper one.
 */
export function lossOnGrid(pair: DominatingPair, step: number): { readonly lower: GridLoss; readonly upper: GridLoss } {
  const [low, high] = pair.range(tail);
  const first = Math.floor(low / step);
  const count = Math.max(1, Math.ceil(high / step) - first);
  const cells = Array.from({ length: count }, (_, i) => pair.cell((first + i) * step, (first + i + 1) * step));
  const below = pair.cell(Number.NEGATIVE_INFINITY, first * step).p;
  const above = pair.cell((first + count) * step, Number.POSITIVE_INFINITY).p;
  const upper = spread(cells, first, step);
  upper[0]! += below;
  const lower = merged(cells, first, step);
  lower[count]! += above;
  return {
    lower: { step, first, masses: lower, infinite: 0 },
    upper: { step, first, masses: upper, infinite: above },
  };
}

/** Splits the mass of every cell between its two ends so that its masses under P and under Q both stay. */
function spread(cells: readonly Masses[], first: number, step: number): Float64Array {
  const masses = new Float64Array(cells.length + 1);
  const width = -Math.expm1(-step);
  cells.forEach(({ p, q }, i) => {
    if (p === 0) return;
    const share = (1 - (q / p) * Math.exp((first + i) * step)) / width;
    const right = p * Math.min(1, Math.max(0, share));
    masses[i]! += p - right;
    masses[i + 1]! += right;
  });
  return masses;
}

/**
 * Merges every cell into its mean, then each grid point's two neighbours, in such shares that their common mean is that point. A share of a cell
 * that finds no partner is rounded down, which lowers δ too.
 */
function merged(cells: readonly Masses[], first: number, step: number): Float64Array {
  const masses = new Float64Array(cells.length + 1);
  // Of the cell on the left: what is still to be placed, and how far it lies below the point on its right, in mass of P.
  let waiting = 0;
  let shortfall = 0;
  cells.forEach(({ p, q }, i) => {
    const ratio = Math.exp((first + i) * step);
    const excess = Math.max(0, p - ratio * q);
    const gap = Math.max(0, ratio * Math.exp(step) * q - p);
    // Half of the first cell looks for a partner on its right, which for smooth losses leaves every later cell near a half as well.
    const wanted = i === 0 ? 0.5 * excess : shortfall;
    const matched = Math.min(wanted, excess);
    const taken = i === 0 ? 1 : shortfall > 0 ? matched / shortfall : 1;
    const share = excess > 0 ? matched / excess : 0;
    masses[i]! += taken * waiting + share * p;
    if (i > 0) masses[i - 1]! += (1 - taken) * waiting;
    waiting = (1 - share) * p;
    shortfall = (1 - share) * gap;
  });
  masses[cells.length - 1]! += waiting;
  return masses;
}
