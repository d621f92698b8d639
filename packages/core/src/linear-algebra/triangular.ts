import { type Matrix, matrix } from "./matrix.ts";
import { rangeInnerProduct } from "./vector.ts";

/** Solves L x = b for a lower triangular L, by rows from the top. What lies above the diagonal is not read. */
export function solveLower(l: Matrix, b: ArrayLike<number>): Float64Array {
  const { rows: n, data } = l;
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    x[i] = (x[i]! - rangeInnerProduct(data, row, x, 0, i)) / data[row + i]!;
  }
  return x;
}

/** Solves Lᵀ x = b for a lower triangular L, from the bottom, reading L by rows. */
export function solveLowerTransposed(l: Matrix, b: ArrayLike<number>): Float64Array {
  const { rows: n, data } = l;
  const x = Float64Array.from(b);
  for (let i = n - 1; i >= 0; i--) {
    const row = i * n;
    const value = x[i]! / data[row + i]!;
    x[i] = value;
    for (let j = 0; j < i; j++) x[j]! -= data[row + j]! * value;
  }
  return x;
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
