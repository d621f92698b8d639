import type { Matrix } from "./matrix.ts";

/** A sparse float64 matrix by rows: row i holds `values[k]` in column `columns[k]` for `starts[i]` ≤ k < `starts[i + 1]`, columns ascending. */
export interface SparseMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** A sparse matrix from its rows, each a list of columns (ascending) and values. */
export function sparseMatrix(
  cols: number,
  rows: readonly { readonly columns: ArrayLike<number>; readonly values: ArrayLike<number> }[],
): SparseMatrix {
  const starts = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    starts[i + 1] = starts[i]! + row.columns.length;
  });
  const columns = new Int32Array(starts[rows.length]!);
  const values = new Float64Array(starts[rows.length]!);
  rows.forEach((row, i) => {
    columns.set(row.columns, starts[i]);
    values.set(row.values, starts[i]);
  });
  return { rows: rows.length, cols, starts, columns, values };
}

/** y = A x. */
export function sparseVector(a: SparseMatrix, x: ArrayLike<number>): Float64Array {
  const y = new Float64Array(a.rows);
  for (let i = 0; i < a.rows; i++) {
    let total = 0;
    for (let k = a.starts[i]!; k < a.starts[i + 1]!; k++) total += a.values[k]! * x[a.columns[k]!]!;
    y[i] = total;
  }
  return y;
}

/** y = Aᵀ x. */
export function transposedSparseVector(a: SparseMatrix, x: ArrayLike<number>): Float64Array {
  const y = new Float64Array(a.cols);
  for (let i = 0; i < a.rows; i++) {
    const factor = x[i]!;
    if (factor === 0) continue;
    for (let k = a.starts[i]!; k < a.starts[i + 1]!; k++) y[a.columns[k]!]! += a.values[k]! * factor;
  }
  return y;
}

/** Adds the lower triangle of Aᵀ diag(weights) A to `target` (cols × cols), row by row of A: Σ nnz(row)² / 2 products. */
export function addGram(target: Matrix, a: SparseMatrix, weights: ArrayLike<number>): void {
  const { cols: n, data } = target;
  const { starts, columns, values } = a;
  for (let i = 0; i < a.rows; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    const begin = starts[i]!;
    const end = starts[i + 1]!;
    for (let k = begin; k < end; k++) {
      const factor = weight * values[k]!;
      const row = columns[k]! * n;
      for (let l = begin; l <= k; l++) data[row + columns[l]!]! += factor * values[l]!;
    }
  }
}
