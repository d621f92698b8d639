import { cholesky } from "../../linear-algebra/cholesky.ts";
import { identityMatrix, type Matrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, multiply } from "../../linear-algebra/multiply.ts";
import { inverseLower } from "../../linear-algebra/triangular.ts";

/** Weights in the span of the inputs, scaled to unit covariance: w · x = u · (Lᵀ c) with x = V c and L u = Vᵀ w. */
export interface IsotropicWeights {
  /** u [m, B]. */
  readonly weights: Matrix;
  /** L [B, B], lower triangular. */
  readonly factor: Matrix;
  /** Whether one scale for all directions was enough, as with independent entries of one variance. */
  readonly independent: boolean;
}

/** How much farther from t² I than sampling explains the covariance may be. */
const tolerated = 3;

/**
 * Scales weights to the N(0, I) of the moment formulas.
 *
 * Weights that look independent with one variance t² are divided by t. Others, trained ones for example, are whitened by their own
 * covariance in the span, which makes the first two moments right and leaves the higher ones as they are.
 *
 * @param inSpan Vᵀ wⱼ as rows [m, B].
 */
export async function isotropicWeights(inSpan: Matrix, product: MatrixProduct): Promise<IsotropicWeights> {
  const { rows: m, cols: n } = inSpan;
  const covariance = await product(inSpan, inSpan, { transposeA: true });
  let trace = 0;
  for (let i = 0; i < covariance.data.length; i++) covariance.data[i]! /= m;
  for (let i = 0; i < n; i++) trace += covariance.data[i * n + i]!;
  const variance = trace / n;
  let deviation = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) deviation += (covariance.data[i * n + j]! / variance - (i === j ? 1 : 0)) ** 2;
  }
  // For N(0, I) the squared deviation has mean n (n + 1) / m.
  const independent = m <= n || deviation <= tolerated ** 2 * ((n * (n + 1)) / m);
  if (independent) {
    const t = Math.sqrt(variance);
    const factor = identityMatrix(n);
    for (let i = 0; i < n; i++) factor.data[i * n + i] = t;
    return {
      weights: matrix(
        m,
        n,
        inSpan.data.map((value) => value / t),
      ),
      factor,
      independent,
    };
  }
  const factor = await cholesky(covariance, { product });
  return { weights: multiply(inSpan, transposed(inverseLower(factor))), factor, independent };
}
