import { type Matrix, matrix, ReconError } from "@recon/core";

/** A stationary series rewritten as independent standard normal numbers. */
export interface Innovations {
  /** L [n, n], lower triangular, with Lᵀ L = K⁻¹: row t is what step t adds to all before it, over its standard deviation. */
  readonly rows: Matrix;
  /** log det K. */
  readonly logDeterminant: number;
}

/**
 * The inverse square root of the covariance K_{tu} = c(|t − u|) of n steps, by the recursion of Durbin and Levinson in O(n²): the best linear prediction of step t from
 * those before it has coefficients φ and an error of variance v,
 *
 *     (L x)_t = (x_t − Σ_{j=1}^{t} φ_{tj} x_{t−j}) / √v_t
 *
 * @param covariances c(0), …, c(n − 1).
 * @throws ReconError `not-positive-definite` where a prediction would have no error left: add noise.
 * @see G. H. Golub, C. F. Van Loan, "Matrix Computations", 4th ed., 4.7.3 (Durbin).
 */
export function innovations(covariances: ArrayLike<number>): Innovations {
  const n = covariances.length;
  const rows = matrix(n, n);
  const phi = new Float64Array(n);
  const previous = new Float64Array(n);
  let variance = covariances[0]!;
  let logDeterminant = 0;
  for (let t = 0; t < n; t++) {
    if (t > 0) {
      let reflection = covariances[t]!;
      for (let j = 1; j < t; j++) reflection -= phi[j]! * covariances[t - j]!;
      reflection /= variance;
      previous.set(phi);
      for (let j = 1; j < t; j++) phi[j] = previous[j]! - reflection * previous[t - j]!;
      phi[t] = reflection;
      variance *= 1 - reflection * reflection;
    }
    if (!(variance > covariances[0]! * Number.EPSILON)) {
      throw new ReconError(
        "not-positive-definite",
        `Step ${t} of a series with this covariance follows from those before it (variance ${variance}). Give it more "noise".`,
      );
    }
    logDeterminant += Math.log(variance);
    const scale = 1 / Math.sqrt(variance);
    rows.data[t * n + t] = scale;
    for (let j = 1; j <= t; j++) rows.data[t * n + t - j] = -scale * phi[j]!;
  }
  return { rows, logDeterminant };
}
