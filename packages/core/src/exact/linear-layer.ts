import { appendColumn, type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { type MatrixProduct, plainProduct } from "../linear-algebra/multiply.ts";
import { topSingular } from "../linear-algebra/svd.ts";
import { innerProduct, matrixVector, norm, transposedMatrixVector } from "../linear-algebra/vector.ts";
import type { ExactResult } from "./result.ts";

/**
 * The single input of a linear layer z = W x + b from its gradients, by least squares over all rows:
 *
 *     dW = δ xᵀ,  db = δ   ⇒   x = dWᵀ db / |db|²
 *
 * Under relative noise the error is about the noise divided by √rows. A batch of several samples gives a mixture and a residual that shows it
 * only when [dW | db] could have had a higher rank: see `rankTest` and `certify`.
 *
 * @param weightGradient dW [out, in]
 * @param biasGradient db [out]
 * @returns x [in]; residual ‖dW − db xᵀ‖ / ‖dW‖.
 */
export function singleSample(weightGradient: Matrix, biasGradient: ArrayLike<number>): ExactResult<Float64Array> {
  const assumptions = ["batchSize"];
  const square = innerProduct(biasGradient, biasGradient);
  if (!(square > 0) || !Number.isFinite(square)) {
    const what = square === 0 ? "zero" : "not finite";
    return { residual: Number.NaN, assumptions, reason: `The bias gradient is ${what}, so no row says what went in.` };
  }
  const x = transposedMatrixVector(weightGradient, biasGradient).map((value) => value / square);
  const residual = outerResidual(weightGradient, biasGradient, x);
  return { value: x, residual, assumptions, reason: "Least squares over all rows of dW = db xᵀ." };
}

/**
 * The single input of a linear layer from gradients that are both noisy, by total least squares (errors in variables):
 *
 *     [dW | db] ≈ s u vᵀ  ⇒   x = (v₁ … v_d) / v_{d+1}
 *
 * The best approximation of rank one treats dW and db alike, as independent noise of one size on both does. Dividing by |db|² instead counts the noise of db
 * as signal and shrinks x by |δ|² / (|δ|² + m σ²), which matters where |db| is comparable to its noise σ √m; where it is far larger both agree.
 *
 * @param weightGradient dW [out, in]
 * @param biasGradient db [out]
 * @returns x [in]; residual √(1 − s² / ‖[dW | db]‖²).
 * @see G. H. Golub, C. F. Van Loan, "An analysis of the total least squares problem", SIAM J. Numer. Anal. 17 (1980).
 */
export async function singleSampleBehindNoise(
  weightGradient: Matrix,
  biasGradient: ArrayLike<number>,
  product: MatrixProduct = plainProduct,
): Promise<ExactResult<Float64Array>> {
  const assumptions = ["batchSize"];
  const all = appendColumn(weightGradient, biasGradient);
  if (!(norm(all.data) > 0)) {
    return { residual: Number.NaN, assumptions, reason: "The gradient is zero or not finite." };
  }
  const { right } = await topSingular(all, 1, product);
  const v = right.data;
  const last = v[v.length - 1]!;
  const residual = outerResidual(all, matrixVector(all, v), v);
  if (!(Math.abs(last) > 4 * Number.EPSILON)) {
    return {
      residual,
      assumptions,
      reason: "The leading direction has no part along the bias, so the scale of x is open.",
    };
  }
  const value = v.slice(0, -1).map((entry) => entry / last);
  return { value, residual, assumptions, reason: "Best approximation of [dW | db] of rank one." };
}

/**
 * The direction x / |x| of a single input without a bias gradient: the first right singular vector of dW, up to its sign.
 *
 * With noise of standard deviation z ‖dW‖ an entry: cos² = max(0, 1 − m d z⁴) / (1 + d z²).
 *
 * @returns x / |x| [in], its largest entry positive; residual ‖dW − s u vᵀ‖ / ‖dW‖.
 */
export async function inputDirection(
  weightGradient: Matrix,
  product: MatrixProduct = plainProduct,
): Promise<ExactResult<Float64Array>> {
  const assumptions = ["batchSize"];
  if (!(norm(weightGradient.data) > 0)) {
    return { residual: Number.NaN, assumptions, reason: "The weight gradient is zero or not finite." };
  }
  const { right } = await topSingular(weightGradient, 1, product);
  const largest = right.data.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  const v = right.data.map((value) => value * Math.sign(largest));
  const u = matrixVector(weightGradient, v);
  const residual = outerResidual(weightGradient, u, v);
  return {
    value: v,
    residual,
    assumptions,
    reason: "First right singular vector of dW: direction only, sign unknown.",
  };
}

/** ‖A − u vᵀ‖ / ‖A‖. */
function outerResidual(a: Matrix, u: ArrayLike<number>, v: ArrayLike<number>): number {
  const rest = matrix(a.rows, a.cols);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0, at = i * a.cols; j < a.cols; j++, at++) rest.data[at] = a.data[at]! - u[i]! * v[j]!;
  }
  return norm(rest.data) / norm(a.data);
}
