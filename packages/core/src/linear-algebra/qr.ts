import { ReconError } from "../errors.ts";
import { type Matrix, matrix, transposed } from "./matrix.ts";
import { innerProduct } from "./vector.ts";

/** A = Q R: Q has orthonormal columns [rows, cols], R is upper triangular [cols, cols] with a diagonal ≥ 0. */
export interface QrFactors {
  readonly q: Matrix;
  readonly r: Matrix;
}

/**
 * Thin QR of a tall matrix by Gram-Schmidt carried out twice, which keeps Q orthonormal to rounding.
 *
 * A column that depends on the earlier ones to within rounding gets a zero column in Q and a zero on R's diagonal.
 *
 * @throws ReconError `shape` when there are more columns than rows.
 * @see W. Hoffmann, "Iterative algorithms for Gram-Schmidt orthogonalization", Computing 41 (1989).
 */
export function qr(a: Matrix): QrFactors {
  const { rows, cols } = a;
  if (cols > rows) throw new ReconError("shape", `qr needs at least as many rows as columns, not ${rows} x ${cols}.`);
  // Rows of the transpose are the columns, contiguous in memory.
  const columns = transposed(a).data;
  const r = matrix(cols, cols);
  for (let j = 0; j < cols; j++) {
    const column = columns.subarray(j * rows, (j + 1) * rows);
    const before = Math.sqrt(innerProduct(column, column));
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < j; k++) {
        const basis = columns.subarray(k * rows, (k + 1) * rows);
        const overlap = innerProduct(basis, column);
        r.data[k * cols + j]! += overlap;
        for (let i = 0; i < rows; i++) column[i]! -= overlap * basis[i]!;
      }
    }
    const after = Math.sqrt(innerProduct(column, column));
    const dependent = after <= 4 * Number.EPSILON * Math.sqrt(rows) * before;
    r.data[j * cols + j] = dependent ? 0 : after;
    for (let i = 0; i < rows; i++) column[i] = dependent ? 0 : column[i]! / after;
  }
  return { q: transposed(matrix(cols, rows, columns)), r };
}
