import type { Matrix } from "./matrix.ts";

/** ⟨a, b⟩ = Σ aᵢ bᵢ. */
export function innerProduct(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
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
