import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";

/** Rows of the chosen neurons [chosen, n]. */
export function rowsOf(a: Matrix, chosen: readonly number[]): Matrix {
  const result = matrix(chosen.length, a.cols);
  chosen.forEach((j, i) => {
    result.data.set(a.data.subarray(j * a.cols, (j + 1) * a.cols), i * a.cols);
  });
  return result;
}

/** Columns of the chosen neurons [N, chosen]. */
export function columnsOf(a: Matrix, chosen: readonly number[]): Matrix {
  const result = matrix(a.rows, chosen.length);
  for (let i = 0, at = 0; i < a.rows; i++) {
    for (const j of chosen) result.data[at++] = a.data[i * a.cols + j]!;
  }
  return result;
}
