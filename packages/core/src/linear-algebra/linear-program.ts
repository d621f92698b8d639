import type { Matrix } from "./matrix.ts";
import { innerProduct, rangeInnerProduct } from "./vector.ts";

export interface LinearProgramOptions {
  /** By how much a constraint may be violated, 1e-9 unless said. */
  readonly tolerance?: number;
  /** Every unknown stays within ± this, 1e6 unless said. */
  readonly bound?: number;
  /** 50 pivots an unknown and 200 unless said. */
  readonly pivots?: number;
}

/**
 * The corner t of {A t ≤ b} at which g · t is largest, by the simplex method on the dual, min bᵀ y with Aᵀ y = g, y ≥ 0, in which the basis is as small as t.
 *
 * For few unknowns and many constraints: a pivot reads A once.
 *
 * @returns undefined where the constraints contradict each other, or where the pivots did not suffice.
 * @see G. B. Dantzig, Linear Programming and Extensions, 1963, chapter 9.
 */
export function linearProgram(
  g: ArrayLike<number>,
  a: Matrix,
  b: ArrayLike<number>,
  options: LinearProgramOptions = {},
): Float64Array | undefined {
  const n = a.cols;
  const { tolerance = 1e-9, bound = 1e6, pivots = 50 * n + 200 } = options;
  // The basis begins with the bounds ± t_k ≤ bound, whose sign is that of g.
  const signs = Float64Array.from({ length: n }, (_, k) => (g[k]! < 0 ? -1 : 1));
  const inverse = new Float64Array(n * n);
  for (let k = 0; k < n; k++) inverse[k * n + k] = signs[k]!;
  const costs = new Float64Array(n).fill(bound);
  const weights = Float64Array.from({ length: n }, (_, k) => Math.abs(g[k]!));
  const t = new Float64Array(n);
  for (let pivot = 0; pivot < pivots; pivot++) {
    t.fill(0);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < n; k++) t[k]! += costs[i]! * inverse[i * n + k]!;
    }
    let [entering, worst] = [-1, tolerance];
    for (let j = 0; j < a.rows; j++) {
      const excess = rangeInnerProduct(a.data, j * n, t, 0, n) - b[j]!;
      if (excess > worst) [entering, worst] = [j, excess];
    }
    if (entering < 0) return t;
    const row = a.data.subarray(entering * n, (entering + 1) * n);
    const direction = Float64Array.from({ length: n }, (_, i) =>
      innerProduct(inverse.subarray(i * n, (i + 1) * n), row),
    );
    let [leaving, least] = [-1, Number.POSITIVE_INFINITY];
    for (let i = 0; i < n; i++) {
      if (!(direction[i]! > 1e-11)) continue;
      const ratio = weights[i]! / direction[i]!;
      if (ratio < least) [leaving, least] = [i, ratio];
    }
    if (leaving < 0) return undefined;
    pivotOn(inverse, weights, direction, leaving, least);
    costs[leaving] = b[entering]!;
  }
  return undefined;
}

/** Aᵀ of the basis is inverted from Aᵀ = (rows as columns): replaces one of its columns. */
function pivotOn(
  inverse: Float64Array,
  weights: Float64Array,
  direction: Float64Array,
  leaving: number,
  step: number,
): void {
  const n = weights.length;
  for (let i = 0; i < n; i++) weights[i] = i === leaving ? step : Math.max(0, weights[i]! - step * direction[i]!);
  for (let k = 0; k < n; k++) inverse[leaving * n + k]! /= direction[leaving]!;
  for (let i = 0; i < n; i++) {
    const factor = direction[i]!;
    if (i === leaving || factor === 0) continue;
    for (let k = 0; k < n; k++) inverse[i * n + k]! -= factor * inverse[leaving * n + k]!;
  }
}
