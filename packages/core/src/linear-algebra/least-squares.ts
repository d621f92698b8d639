import { ReconError } from "../errors.ts";
import type { Matrix } from "./matrix.ts";
import { qr } from "./qr.ts";
import { solveUpper } from "./triangular.ts";
import { matrixVector, norm, transposedMatrixVector } from "./vector.ts";

/** The minimiser of ‖A x − b‖₂ and ‖A x − b‖₂ itself. */
export interface LeastSquares {
  readonly x: Float64Array;
  readonly residual: number;
}

/**
 * x = argmin ‖A x − b‖₂ for a tall A of full column rank, by QR with one step of refinement.
 *
 * @throws ReconError `rank-deficient` when a column depends on the others to working precision, with its index.
 */
export function leastSquares(a: Matrix, b: ArrayLike<number>): LeastSquares {
  const { q, r } = qr(a);
  let largest = 0;
  for (let j = 0; j < r.cols; j++) largest = Math.max(largest, r.data[j * r.cols + j]!);
  for (let j = 0; j < r.cols; j++) {
    if (!(r.data[j * r.cols + j]! > largest * a.rows * Number.EPSILON)) {
      throw new ReconError(
        "rank-deficient",
        `leastSquares: column ${j} depends on the columns before it to working precision. The solution is not unique; remove it.`,
      );
    }
  }
  const x = new Float64Array(a.cols);
  let rest = Float64Array.from(b);
  for (let pass = 0; pass < 2; pass++) {
    const step = solveUpper(r, transposedMatrixVector(q, rest));
    for (let j = 0; j < x.length; j++) x[j]! += step[j]!;
    const fitted = matrixVector(a, x);
    rest = Float64Array.from(b, (value, i) => value - fitted[i]!);
  }
  return { x, residual: norm(rest) };
}
