import type { Matrix } from "../../linear-algebra/matrix.ts";
import { norm } from "../../linear-algebra/vector.ts";

/**
 * Whether two sets of labelled rows are one up to the order of rows with equal labels: every row of `a` has a row of `b` with its label within `tolerance`
 * times the rms of `b`, each taken once.
 */
export function sameRows(a: Matrix, b: Matrix, labels: ArrayLike<number>, tolerance: number): boolean {
  const { rows, cols } = b;
  const farthest = (tolerance * norm(b.data)) / Math.sqrt(rows);
  const taken = new Set<number>();
  const row = (m: Matrix, i: number): Float64Array => m.data.subarray(i * cols, (i + 1) * cols);
  for (let i = 0; i < rows; i++) {
    let nearest = Number.POSITIVE_INFINITY;
    let place = -1;
    for (let j = 0; j < rows; j++) {
      if (taken.has(j) || labels[j] !== labels[i]) continue;
      const other = row(b, j);
      const distance = norm(row(a, i).map((value, c) => value - other[c]!));
      if (distance < nearest) {
        nearest = distance;
        place = j;
      }
    }
    if (!(nearest <= farthest)) return false;
    taken.add(place);
  }
  return true;
}
