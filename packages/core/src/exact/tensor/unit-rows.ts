import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { norm } from "../../linear-algebra/vector.ts";

/** Rows scaled to length 1, as a new matrix; a row of zeros stays. */
export function unitRows({ rows, cols, data }: Matrix): Matrix {
  const result = matrix(rows, cols, data.slice());
  for (let i = 0; i < rows; i++) {
    const row = result.data.subarray(i * cols, (i + 1) * cols);
    const size = norm(row);
    if (size > 0) for (let k = 0; k < cols; k++) row[k]! /= size;
  }
  return result;
}
