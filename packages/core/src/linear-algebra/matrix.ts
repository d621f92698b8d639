import type { NdArray } from "@recon/engine";
import { ReconError } from "../errors.ts";

/** A dense float64 matrix in row-major order: entry (i, j) is `data[i * cols + j]`. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

/**
 * A matrix over numbers in row-major order; zeros where none are given. A `Float64Array` is used as it is, without a copy.
 *
 * @throws ReconError `shape` when the numbers do not fill rows × cols.
 */
export function matrix(rows: number, cols: number, data?: ArrayLike<number>): Matrix {
  if (data !== undefined && data.length !== rows * cols) {
    throw new ReconError("shape", `${data.length} numbers do not fill a ${rows} x ${cols} matrix.`);
  }
  if (data === undefined) return { rows, cols, data: new Float64Array(rows * cols) };
  return { rows, cols, data: data instanceof Float64Array ? data : Float64Array.from(data) };
}

/** An array as a matrix: the first axis gives the rows and the rest are flattened; rank 0 and 1 give one column. */
export function matrixOf(array: NdArray): Matrix {
  const rows = array.shape[0] ?? 1;
  return matrix(rows, rows === 0 ? 0 : array.data.length / rows, array.data);
}

/** The n × n identity. */
export function identityMatrix(n: number): Matrix {
  const result = matrix(n, n);
  for (let i = 0; i < n; i++) result.data[i * n + i] = 1;
  return result;
}

/** Aᵀ, in tiles so that both sides stay in cache. */
export function transposed(a: Matrix): Matrix {
  const { rows, cols, data } = a;
  const result = matrix(cols, rows);
  const tile = 32;
  for (let i0 = 0; i0 < rows; i0 += tile) {
    for (let j0 = 0; j0 < cols; j0 += tile) {
      const i1 = Math.min(i0 + tile, rows);
      const j1 = Math.min(j0 + tile, cols);
      for (let i = i0; i < i1; i++) for (let j = j0; j < j1; j++) result.data[j * rows + i] = data[i * cols + j]!;
    }
  }
  return result;
}

/** The block of `rows` × `cols` entries whose top left corner is (row, col), copied. */
export function block(a: Matrix, row: number, col: number, rows: number, cols: number): Matrix {
  const result = matrix(rows, cols);
  for (let i = 0; i < rows; i++) {
    const start = (row + i) * a.cols + col;
    result.data.set(a.data.subarray(start, start + cols), i * cols);
  }
  return result;
}

/** [A | b]: A with one more column. */
export function appendColumn(a: Matrix, column: ArrayLike<number>): Matrix {
  if (column.length !== a.rows) {
    throw new ReconError("shape", `A column of ${column.length} numbers does not fit a matrix of ${a.rows} rows.`);
  }
  const result = matrix(a.rows, a.cols + 1);
  for (let i = 0; i < a.rows; i++) {
    result.data.set(a.data.subarray(i * a.cols, (i + 1) * a.cols), i * result.cols);
    result.data[i * result.cols + a.cols] = column[i]!;
  }
  return result;
}
