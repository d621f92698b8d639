/** The distribution of a sum of independent privacy losses, by the Fourier transform, with everything that can go wrong counted. */
import { fourierTransform } from "./fourier-transform.ts";
import type { GridLoss } from "./loss-grid.ts";

/** A loss that occurs a number of times. */
export interface RepeatedLoss {
  readonly loss: GridLoss;
  readonly times: number;
}

/** The sum of losses, and how much mass its figures may be off by. */
export interface ComposedLoss extends GridLoss {
  /** Bound on the sum of all absolute errors of `masses`: mass beyond the window, and rounding of the transforms. */
  readonly slack: number;
}

/** Mass of the sum that the window may miss on either side. */
const windowTail = 1e-16;

/** An interval of losses, and the exponents of Chernoff's inequality that prove it, for its lower and its upper end. */
export interface LossWindow {
  readonly low: number;
  readonly high: number;
  readonly exponents: readonly [number, number];
}

const allExponents = Array.from({ length: 37 }, (_, i) => 2 ** ((i - 6) / 1.5));

/**
 * An interval that the sum leaves with probability at most 1e-16 on either side, by Chernoff's inequality:
 *
 *     P(S ≥ b) ≤ e^(−tb) Π E e^(tL)    for every t > 0
 *
 * @param known Exponents that served a similar sum well; any are valid, and searching for the best ones costs the most time here.
 */
export function lossWindow(parts: readonly RepeatedLoss[], known?: readonly [number, number]): LossWindow {
  const edge = (sign: 1 | -1, exponents: readonly number[]): { at: number; t: number } => {
    let best = { at: Number.POSITIVE_INFINITY, t: exponents[0]! };
    for (const t of exponents) {
      const log = parts.reduce((total, { loss, times }) => total + times * logMoment(loss, sign * t), 0);
      const at = (log - Math.log(windowTail)) / t;
      if (at < best.at) best = { at, t };
    }
    return best;
  };
  const below = edge(-1, known === undefined ? allExponents : [known[0]]);
  const above = edge(1, known === undefined ? allExponents : [known[1]]);
  return { low: -below.at, high: above.at, exponents: [below.t, above.t] };
}

/** log Σ mᵢ e^(t lᵢ), from the largest exponent that has any mass. */
function logMoment({ step, first, masses }: GridLoss, t: number): number {
  const at = t > 0 ? masses.findLastIndex((mass) => mass > 0) : masses.findIndex((mass) => mass > 0);
  const shift = (first + at) * step * t;
  let total = 0;
  for (let i = 0; i < masses.length; i++) {
    if (masses[i]! > 0) total += masses[i]! * Math.exp((first + i) * step * t - shift);
  }
  return shift + Math.log(total);
}

/**
 * The distribution of Σ losses, on the same grid, in a window of `cells` points (a power of two) that begins at index `from`.
 *
 * What falls outside of the window is wrapped into it; the slack counts it, as it counts the transforms' rounding.
 */
export function composeLosses(parts: readonly RepeatedLoss[], from: number, cells: number): ComposedLoss {
  const real = new Float64Array(cells).fill(1);
  const imaginary = new Float64Array(cells);
  let condition = 1;
  let infinite = 0;
  for (const { loss, times } of parts) {
    const [re, im] = [new Float64Array(cells), new Float64Array(cells)];
    loss.masses.forEach((mass, i) => {
      re[modulo(loss.first + i, cells)]! += mass;
    });
    condition += times * euclideanNorm(re);
    infinite += times * loss.infinite;
    fourierTransform(re, im);
    multiplyByPower(real, imaginary, re, im, times);
  }
  fourierTransform(imaginary, real);
  const masses = Float64Array.from({ length: cells }, (_, i) => Math.max(0, real[modulo(from + i, cells)]! / cells));
  // By Cauchy–Schwarz the sum of absolute errors is at most √n times their Euclidean norm; |characteristic function| ≤ 1 keeps powers from growing.
  const rounding = 2 ** -50 * Math.log2(cells) * Math.sqrt(cells) * condition;
  return { step: parts[0]!.loss.step, first: from, masses, infinite, slack: rounding + 2 * windowTail };
}

/** a ← a · bᵗ, entry by entry, in polar form. */
function multiplyByPower(
  aReal: Float64Array,
  aImaginary: Float64Array,
  bReal: Float64Array,
  bImaginary: Float64Array,
  times: number,
): void {
  for (let i = 0; i < aReal.length; i++) {
    const size = Math.hypot(bReal[i]!, bImaginary[i]!) ** times;
    const angle = times * Math.atan2(bImaginary[i]!, bReal[i]!);
    const [c, s] = [size * Math.cos(angle), size * Math.sin(angle)];
    const re = aReal[i]! * c - aImaginary[i]! * s;
    aImaginary[i] = aReal[i]! * s + aImaginary[i]! * c;
    aReal[i] = re;
  }
}

function modulo(index: number, n: number): number {
  return ((index % n) + n) % n;
}

function euclideanNorm(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value * value;
  return Math.sqrt(total);
}
