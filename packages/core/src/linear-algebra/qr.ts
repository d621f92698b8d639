import { ReconError } from "../errors.ts";
import { block, type Matrix, matrix, transposed } from "./matrix.ts";
import type { MatrixProduct } from "./multiply.ts";
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
  return factors(a, undefined);
}

/** @param sizes lengths of the columns before anything was taken off them; those of the columns as they are unless given. */
function factors(a: Matrix, sizes: ArrayLike<number> | undefined): QrFactors {
  const { rows, cols } = a;
  if (cols > rows) throw new ReconError("shape", `qr needs at least as many rows as columns, not ${rows} x ${cols}.`);
  // Rows of the transpose are the columns, contiguous in memory.
  const columns = transposed(a).data;
  const r = matrix(cols, cols);
  for (let j = 0; j < cols; j++) {
    const column = columns.subarray(j * rows, (j + 1) * rows);
    const before = sizes?.[j] ?? Math.sqrt(innerProduct(column, column));
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

/** Columns that are taken together: products with those before them then do the work. */
const panel = 16;

/**
 * Orthonormal columns with the span of A's, as the Q of `qr`: panel by panel, with what the panels before have taken off twice by large products.
 *
 * @throws ReconError `shape` when there are more columns than rows.
 */
export async function orthonormalColumns(a: Matrix, product: MatrixProduct): Promise<Matrix> {
  const { rows, cols } = a;
  if (cols <= panel || cols > rows) return qr(a).q;
  let found: Matrix | undefined;
  for (let from = 0; from < cols; from += panel) {
    const columns = block(a, 0, from, rows, Math.min(panel, cols - from));
    const sizes = lengths(columns);
    let rest = columns;
    for (let pass = 0; pass < 2 && found !== undefined; pass++) {
      const inside = await product(found, await product(found, rest, { transposeA: true }));
      rest = matrix(
        rows,
        columns.cols,
        rest.data.map((value, i) => value - inside.data[i]!),
      );
    }
    const own = factors(rest, sizes).q;
    found = found === undefined ? own : beside(found, own);
  }
  return found!;
}

function lengths({ rows, cols, data }: Matrix): Float64Array {
  const squares = new Float64Array(cols);
  for (let i = 0; i < rows * cols; i++) squares[i % cols]! += data[i]! ** 2;
  return squares.map(Math.sqrt);
}

function beside(a: Matrix, b: Matrix): Matrix {
  const result = matrix(a.rows, a.cols + b.cols);
  for (let i = 0; i < a.rows; i++) {
    result.data.set(a.data.subarray(i * a.cols, (i + 1) * a.cols), i * result.cols);
    result.data.set(b.data.subarray(i * b.cols, (i + 1) * b.cols), i * result.cols + a.cols);
  }
  return result;
}
