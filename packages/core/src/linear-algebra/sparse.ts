import { type Matrix, matrix } from "./matrix.ts";

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
    for (let r = 0; r < rows.length; r += 4) addOuter(sum, a, rows.slice(r, r + 4), weights, width);
    const columns = a.columns.subarray(begin, begin + width);
    for (let k = 0; k < width; k++) {
      const to = columns[k]! * n;
      const from = k * width;
      for (let l = 0; l <= k; l++) data[to + columns[l]!]! += sum[from + l]!;
    }
  }
}

/**
 * C = Aᵀ B for a dense B.
 *
 * Rows of A with the same columns are taken together, four at a time, for four rows of C at a time and a tile of columns that stays in cache:
 * sixteen products then cost eight loads and four stores, which is what a plain loop is limited by.
 */
export function transposedSparseProduct(a: SparseMatrix, b: Matrix): Matrix {
  const c = matrix(a.cols, b.cols);
  const tile = 512;
  const groups = rowsByColumns(a);
  for (let first = 0; first < b.cols; first += tile) {
    const width = Math.min(tile, b.cols - first);
    for (const rows of groups) {
      const columns = a.columns.subarray(a.starts[rows[0]!], a.starts[rows[0]! + 1]);
      for (let r = 0; r < rows.length; r += 4) addRows(c, columns, a, rows.slice(r, r + 4), b, first, width);
    }
  }
  return c;
}

type Four = [number, number, number, number];
const none: Four = [0, 0, 0, 0];

/** Adds to the rows `columns` of C, in a tile of its columns, what up to four rows of A with these columns make of the same rows of B. */
function addRows(
  c: Matrix,
  columns: Int32Array,
  a: SparseMatrix,
  rows: readonly number[],
  b: Matrix,
  first: number,
  width: number,
): void {
  // A missing row is the first one again, times 0; a missing column is the last one again, to which 0 is added.
  const start = (i: number): number => (rows[i] ?? rows[0]!) * b.cols + first;
  const starts: Four = [start(0), start(1), start(2), start(3)];
  const targets: Four = [0, 0, 0, 0];
  const factors: [Four, Four, Four, Four] = [[...none], [...none], [...none], [...none]];
  for (let k = 0; k < columns.length; k += 4) {
    for (let t = 0; t < 4; t++) {
      const present = k + t < columns.length;
      targets[t] = columns[present ? k + t : columns.length - 1]! * c.cols + first;
      for (let i = 0; i < rows.length; i++) factors[t]![i] = present ? a.values[a.starts[rows[i]!]! + k + t]! : 0;
    }
    combine(c.data, targets, factors, b.data, starts, width);
  }
}

/** Four runs of `to` += their combinations of four runs of `from`; `factors[t][s]` is that of run s in run t. */
function combine(
  to: Float64Array,
  targets: Four,
  factors: readonly [Four, Four, Four, Four],
  from: Float64Array,
  starts: Four,
  width: number,
): void {
  const [s0, s1, s2, s3] = starts;
  const [t0, t1, t2, t3] = targets;
  const [[a0, a1, a2, a3], [b0, b1, b2, b3], [c0, c1, c2, c3], [d0, d1, d2, d3]] = factors;
  for (let j = 0; j < width; j++) {
    const x = from[s0 + j]!;
    const y = from[s1 + j]!;
    const z = from[s2 + j]!;
    const w = from[s3 + j]!;
    to[t0 + j]! += a0 * x + a1 * y + (a2 * z + a3 * w);
    to[t1 + j]! += b0 * x + b1 * y + (b2 * z + b3 * w);
    to[t2 + j]! += c0 * x + c1 * y + (c2 * z + c3 * w);
    to[t3 + j]! += d0 * x + d1 * y + (d2 * z + d3 * w);
  }
}

/** Adds the lower triangle of Σ weight · v vᵀ over up to four rows v; entries right above the diagonal are touched too. */
function addOuter(
  sum: Float64Array,
  a: SparseMatrix,
  rows: readonly number[],
  weights: ArrayLike<number>,
  width: number,
): void {
  // A missing row is the first one again, times 0; a missing target is the last one again, to which 0 is added.
  const start = (i: number): number => a.starts[rows[i] ?? rows[0]!]!;
  const starts: Four = [start(0), start(1), start(2), start(3)];
  const targets: Four = [0, 0, 0, 0];
  const factors: [Four, Four, Four, Four] = [[...none], [...none], [...none], [...none]];
  for (let k = 0; k < width; k += 4) {
    for (let t = 0; t < 4; t++) {
      const present = k + t < width;
      targets[t] = (present ? k + t : width - 1) * width;
      for (let i = 0; i < rows.length; i++) {
        factors[t]![i] = present ? weights[rows[i]!]! * a.values[starts[i]! + k + t]! : 0;
      }
    }
    combine(sum, targets, factors, a.values, starts, Math.min(k + 4, width));
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
