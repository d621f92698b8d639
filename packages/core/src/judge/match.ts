import { ReconError } from "../errors.ts";
import { type Matrix, transposed } from "../linear-algebra/matrix.ts";

/**
 * The assignment of rows to columns with the least total cost, each column to at most one row; where there are more rows than columns, some rows
 * get none. Shortest augmenting paths with dual potentials, O(rows² · cols).
 *
 * @param cost finite numbers [rows, cols]
 * @returns for every row its column, or −1.
 * @throws ReconError `not-finite` when a cost is not finite, with its place.
 * @see R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment problems", Computing 38 (1987).
 */
export function assign(cost: Matrix): Int32Array {
  const bad = cost.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const place = `row ${Math.floor(bad / cost.cols)}, column ${bad % cost.cols}`;
    throw new ReconError(
      "not-finite",
      `assign: the cost in ${place} is ${cost.data[bad]}. Give every pair a finite cost.`,
    );
  }
  if (cost.rows > cost.cols) {
    const rowOf = assign(transposed(cost));
    const result = new Int32Array(cost.rows).fill(-1);
    rowOf.forEach((row, column) => {
      result[row] = column;
    });
    return result;
  }
  const { rows, cols, data } = cost;
  const rowPotential = new Float64Array(rows);
  const columnPotential = new Float64Array(cols);
  const rowOf = new Int32Array(cols).fill(-1);
  for (let start = 0; start < rows; start++) augment(start);

  const columnOf = new Int32Array(rows).fill(-1);
  rowOf.forEach((row, column) => {
    if (row >= 0) columnOf[row] = column;
  });
  return columnOf;

  // Grows a tree of shortest reduced-cost paths from a free row until it meets a free column, then turns the path over.
  function augment(start: number): void {
    const reach = new Float64Array(cols).fill(Number.POSITIVE_INFINITY);
    const before = new Int32Array(cols).fill(-1);
    const settled = new Uint8Array(cols);
    let row = start;
    let length = 0;
    let last = -1;
    let end = -1;
    while (end < 0) {
      let next = -1;
      for (let j = 0; j < cols; j++) {
        if (settled[j] === 1) continue;
        const through = length + data[row * cols + j]! - rowPotential[row]! - columnPotential[j]!;
        if (through < reach[j]!) {
          reach[j] = through;
          before[j] = last;
        }
        if (next < 0 || reach[j]! < reach[next]!) next = j;
      }
      settled[next] = 1;
      length = reach[next]!;
      last = next;
      if (rowOf[next]! < 0) end = next;
      else row = rowOf[next]!;
    }
    rowPotential[start]! += length;
    for (let j = 0; j < cols; j++) {
      if (settled[j] !== 1 || j === end) continue;
      rowPotential[rowOf[j]!]! += length - reach[j]!;
      columnPotential[j]! -= length - reach[j]!;
    }
    for (let j = end; j >= 0; j = before[j]!) rowOf[j] = before[j]! >= 0 ? rowOf[before[j]!]! : start;
  }
}
