import { type Matrix, matrix } from "./matrix.ts";
import { rangeInnerProduct } from "./vector.ts";

/**
 * Solves L x = b for a lower triangular L, by rows from the top. What lies above the diagonal is not read.
 *
 * Four rows at a time, which share the loads of x.
 */
export function solveLower(l: Matrix, b: ArrayLike<number>): Float64Array {
  const { rows: n, data } = l;
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i += 4) {
    const block = Math.min(4, n - i);
    if (block === 4) subtractFourProducts(x, data, i, n);
    for (let row = i; row < i + block; row++) {
      const from = block === 4 ? i : 0;
      x[row] = (x[row]! - rangeInnerProduct(data, row * n + from, x, from, row - from)) / data[row * n + row]!;
    }
  }
  return x;
}

/** x[i..i+3] −= rows i..i+3 of L, up to column i, times x. */
function subtractFourProducts(x: Float64Array, data: Float64Array, i: number, n: number): void {
  const [r0, r1, r2, r3] = [i * n, (i + 1) * n, (i + 2) * n, (i + 3) * n];
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let j = 0; j < i; j++) {
    const value = x[j]!;
    s0 += data[r0 + j]! * value;
    s1 += data[r1 + j]! * value;
    s2 += data[r2 + j]! * value;
    s3 += data[r3 + j]! * value;
  }
  x[i]! -= s0;
  x[i + 1]! -= s1;
  x[i + 2]! -= s2;
  x[i + 3]! -= s3;
}

/** Solves Lᵀ x = b for a lower triangular L, from the bottom, reading L by rows, four at a time. */
export function solveLowerTransposed(l: Matrix, b: ArrayLike<number>): Float64Array {
  const { rows: n, data } = l;
  const x = Float64Array.from(b);
  for (let end = n; end > 0; end -= 4) {
    const start = Math.max(0, end - 4);
    for (let i = end - 1; i >= start; i--) {
      const value = x[i]! / data[i * n + i]!;
      x[i] = value;
      for (let j = start; j < i; j++) x[j]! -= data[i * n + j]! * value;
    }
    // Where fewer than four rows are left, none are above them.
    if (start > 0) subtractFourRows(x, data, start, n);
  }
  return x;
}

/** x[0..i−1] −= rows i..i+3 of L, each times its entry of x. */
function subtractFourRows(x: Float64Array, data: Float64Array, i: number, n: number): void {
  const [r0, r1, r2, r3] = [i * n, (i + 1) * n, (i + 2) * n, (i + 3) * n];
  const [x0, x1, x2, x3] = [x[i]!, x[i + 1]!, x[i + 2]!, x[i + 3]!];
  for (let j = 0; j < i; j++) {
    x[j]! -= data[r0 + j]! * x0 + data[r1 + j]! * x1 + (data[r2 + j]! * x2 + data[r3 + j]! * x3);
  }
}

/** Solves R x = b for an upper triangular R, from the bottom. What lies below the diagonal is not read. */
export function solveUpper(r: Matrix, b: ArrayLike<number>): Float64Array {
  const { cols: n, data } = r;
  const x = Float64Array.from({ length: n }, (_, i) => b[i]!);
  for (let i = n - 1; i >= 0; i--) {
    const row = i * n;
    let total = x[i]!;
    for (let j = i + 1; j < n; j++) total -= data[row + j]! * x[j]!;
    x[i] = total / data[row + i]!;
  }
  return x;
}

/** L⁻¹ of a small lower triangular matrix, lower triangular too. */
export function inverseLower(l: Matrix): Matrix {
  const { rows: n, data } = l;
  const inverse = matrix(n, n);
  // Row i of L⁻¹ is (eᵢ − Σ_{j<i} Lᵢⱼ · row j) / Lᵢᵢ.
  for (let i = 0; i < n; i++) {
    const at = i * n;
    for (let j = 0; j < i; j++) {
      const factor = data[at + j]!;
      if (factor !== 0) for (let k = 0; k <= j; k++) inverse.data[at + k]! -= factor * inverse.data[j * n + k]!;
    }
    const pivot = 1 / data[at + i]!;
    for (let k = 0; k < i; k++) inverse.data[at + k]! *= pivot;
    inverse.data[at + i] = pivot;
  }
  return inverse;
}
