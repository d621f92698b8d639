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

/**
 * Adds the lower triangle of Aᵀ diag(weights) A to `target` (cols × cols).
 *
 * Rows with the same columns (all outputs of a convolution at one position) are summed in a small dense block first: their Σ nnz² / 2 products then
 * stay in cache, and only the block's sum is scattered over the large target.
 */
export function addGram(target: Matrix, a: SparseMatrix, weights: ArrayLike<number>): void {
  const { cols: n, data } = target;
  for (const rows of rowsByColumns(a)) {
    const begin = a.starts[rows[0]!]!;
    const width = a.starts[rows[0]! + 1]! - begin;
    const sum = new Float64Array(width * width);
    for (const row of rows) {
      const weight = weights[row]!;
      if (weight !== 0) addOuter(sum, a.values.subarray(a.starts[row], a.starts[row]! + width), weight);
    }
    const columns = a.columns.subarray(begin, begin + width);
    for (let k = 0; k < width; k++) {
      const to = columns[k]! * n;
      const from = k * width;
      for (let l = 0; l <= k; l++) data[to + columns[l]!]! += sum[from + l]!;
    }
  }
}

/** Adds the lower triangle of weight · v vᵀ. */
function addOuter(sum: Float64Array, v: Float64Array, weight: number): void {
  const width = v.length;
  for (let k = 0; k < width; k++) {
    const factor = weight * v[k]!;
    const row = k * width;
    for (let l = 0; l <= k; l++) sum[row + l]! += factor * v[l]!;
  }
}

/** Non-empty rows that hold the same columns, together. */
function rowsByColumns(a: SparseMatrix): number[][] {
  const sameColumns = (i: number, j: number): boolean => {
    const [first, second] = [a.starts[i]!, a.starts[j]!];
    const width = a.starts[i + 1]! - first;
    if (a.starts[j + 1]! - second !== width) return false;
    for (let k = 0; k < width; k++) if (a.columns[first + k] !== a.columns[second + k]) return false;
    return true;
  };
  const byStart = new Map<number, number[][]>();
  for (let row = 0; row < a.rows; row++) {
    const begin = a.starts[row]!;
    if (a.starts[row + 1] === begin) continue;
    const candidates = byStart.get(a.columns[begin]!) ?? [];
    byStart.set(a.columns[begin]!, candidates);
    const group = candidates.find((rows) => sameColumns(rows[0]!, row));
    if (group === undefined) candidates.push([row]);
    else group.push(row);
  }
  return [...byStart.values()].flat();
}
