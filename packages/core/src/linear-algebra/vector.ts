import type { Matrix } from "./matrix.ts";

/** ⟨a, b⟩ = Σ aᵢ bᵢ. */
export function innerProduct(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

/**
 * Σ_{i<count} a[aStart + i] b[bStart + i].
 *
 * Four partial sums: one alone would wait for each addition to finish before the next begins.
 */
export function rangeInnerProduct(
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  count: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < count; i += 4) {
    s0 += a[aStart + i]! * b[bStart + i]!;
    s1 += a[aStart + i + 1]! * b[bStart + i + 1]!;
    s2 += a[aStart + i + 2]! * b[bStart + i + 2]!;
    s3 += a[aStart + i + 3]! * b[bStart + i + 3]!;
  }
  for (; i < count; i++) s0 += a[aStart + i]! * b[bStart + i]!;
  return s0 + s1 + (s2 + s3);
}

/** ‖a‖₂, without overflow or underflow. */
export function norm(a: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const size = Math.abs(a[i]!);
    if (!(size <= largest)) largest = size;
  }
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let total = 0;
  for (let i = 0; i < a.length; i++) total += (a[i]! / largest) ** 2;
  return largest * Math.sqrt(total);
}

/** y = A x, length `a.rows`. */
export function matrixVector(a: Matrix, x: ArrayLike<number>): Float64Array {
  const y = new Float64Array(a.rows);
  for (let i = 0; i < a.rows; i++) {
    let total = 0;
    for (let j = 0, at = i * a.cols; j < a.cols; j++, at++) total += a.data[at]! * x[j]!;
    y[i] = total;
  }
  return y;
}

/** y = Aᵀ x, length `a.cols`. */
export function transposedMatrixVector(a: Matrix, x: ArrayLike<number>): Float64Array {
  const y = new Float64Array(a.cols);
  for (let i = 0; i < a.rows; i++) {
    const factor = x[i]!;
    if (factor !== 0) for (let j = 0, at = i * a.cols; j < a.cols; j++, at++) y[j]! += factor * a.data[at]!;
  }
  return y;
}
