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
    // In logarithms, because e^l alone overflows where noise is small.
    const share = -Math.expm1((first + i) * step + Math.log(q) - Math.log(p)) / width;
    const right = p * Math.min(1, Math.max(0, share));
    masses[i]! += p - right;
    masses[i + 1]! += right;
  });
  return masses;
}

/**
 * Merges every cell into its mean, and around each grid point what waits on one side of it with as much of the cells on its other side as brings
 * their common mean to that point.
 *
 * What finds no partner at the end is rounded down, which lowers δ too; so the sweep starts at the heavier end. Where sampled losses crowd at an end of
 * their range, rounding there in every one of many steps would be all that one sees.
 */
function merged(cells: readonly Masses[], first: number, step: number): Float64Array {
  const n = cells.length;
  const masses = new Float64Array(n + 1);
  const rising = cells[0]!.p >= cells[n - 1]!.p;
  const index = (k: number): number => (rising ? k : n - 1 - k);
  let waiting = cells[index(0)]!;
  let lowerEdge = index(0);
  let k = 1;
  let rest = cells[index(1)];
  while (rest !== undefined) {
    const node = rising ? index(k) : index(k) + 1;
    const loss = (first + node) * step;
    const offset = ({ p, q }: Masses): number => Math.abs(p - Math.exp(loss + Math.log(q)));
    const all = offset(waiting);
    let open = all;
    while (open > 0 && rest !== undefined) {
      const available = offset(rest);
      const share = available > open ? open / available : 1;
      masses[node]! += share * rest.p;
      open = share < 1 ? 0 : open - available;
      rest = share < 1 ? { p: (1 - share) * rest.p, q: (1 - share) * rest.q } : cells[index(++k)];
    }
    const unmatched = all > 0 ? Math.max(0, open) / all : 0;
    masses[node]! += (1 - unmatched) * waiting.p;
    masses[lowerEdge]! += unmatched * waiting.p;
    waiting = rest ?? { p: 0, q: 0 };
    lowerEdge = index(Math.min(k, n - 1));
    rest = cells[index(++k)];
  }
  masses[lowerEdge]! += waiting.p;
  return masses;
}
