import type { Matrix } from "./matrix.ts";
import { rangeInnerProduct } from "./vector.ts";

/** Working memory of `lowestEigenvector` for matrices of one size; reused from call to call. */
export interface EigenWorkspace {
  readonly size: number;
  readonly factor: Float64Array;
  readonly vector: Float64Array;
}

/** @param size n of the n × n matrices. */
export function eigenWorkspace(size: number): EigenWorkspace {
  return { size, factor: new Float64Array(size * size), vector: new Float64Array(size) };
}

/**
 * Turns x into the unit eigenvector of the smallest eigenvalue of a positive semidefinite G, by inverse iteration from x.
 *
 * With orthonormal vectors N given, x minimises xᵀ G x / |N x|² instead: what lies outside of their span is free.
 *
 * Each step brings x closer by the ratio of the two smallest eigenvalues. G is factored once as L Lᵀ after a ridge of 1e-15 of its trace, which is
 * raised tenfold until every pivot is positive; it shifts all eigenvalues alike and leaves the vectors.
 *
 * @param lower lower triangle of G by rows: G₀₀, G₁₀, G₁₁, G₂₀, …
 * @param x unit vector, replaced.
 * @returns xᵀ G x of the result; NaN, and x as it was, where G is not positive semidefinite or not finite.
 * @param basis rows N [k, n]; all of space unless given.
 */
export function lowestEigenvector(
  lower: Float64Array,
  x: Float64Array,
  steps: number,
  workspace: EigenWorkspace,
  basis?: Matrix,
): number {
  const { size: n, factor, vector } = workspace;
  let trace = 0;
  for (let i = 0; i < n; i++) trace += lower[(i * (i + 3)) / 2]!;
  if (!(trace > 0)) return trace;
  let ridge = 1e-15 * trace;
  while (!factorLower(lower, ridge, n, factor)) {
    ridge *= 10;
    if (!(ridge < trace)) return Number.NaN;
  }
  for (let step = 0; step < steps; step++) {
    if (basis !== undefined) projectOnto(basis, x);
    for (let i = 0; i < n; i++) {
      const row = i * n;
      vector[i] = (x[i]! - rangeInnerProduct(factor, row, vector, 0, i)) / factor[row + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      const row = i * n;
      const value = vector[i]! / factor[row + i]!;
      vector[i] = value;
      for (let k = 0; k < i; k++) vector[k]! -= factor[row + k]! * value;
    }
    let square = 0;
    for (let i = 0; i < n; i++) square += vector[i]! * vector[i]!;
    const scale = 1 / Math.sqrt(square);
    for (let i = 0; i < n; i++) x[i] = vector[i]! * scale;
  }
  let value = 0;
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0; j < i; j++, at++) value += 2 * lower[at]! * x[i]! * x[j]!;
    value += lower[at++]! * x[i]! * x[i]!;
  }
  return value;
}

/** x ← Nᵀ N x. */
function projectOnto({ rows, cols, data }: Matrix, x: Float64Array): void {
  const inside = new Float64Array(cols);
  for (let k = 0; k < rows; k++) {
    const row = k * cols;
    let overlap = 0;
    for (let i = 0; i < cols; i++) overlap += data[row + i]! * x[i]!;
    for (let i = 0; i < cols; i++) inside[i]! += overlap * data[row + i]!;
  }
  x.set(inside);
}

/** G + ridge · I = L Lᵀ; false when a pivot is not positive. */
function factorLower(lower: Float64Array, ridge: number, n: number, factor: Float64Array): boolean {
  for (let i = 0, at = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j <= i; j++, at++) {
      const other = j * n;
      const total = lower[at]! - rangeInnerProduct(factor, row, factor, other, j);
      if (j < i) factor[row + j] = total / factor[other + j]!;
      else if (total + ridge > 0) factor[row + i] = Math.sqrt(total + ridge);
      else return false;
    }
  }
  return true;
}
