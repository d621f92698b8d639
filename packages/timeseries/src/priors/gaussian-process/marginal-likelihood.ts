import { autocovariance, autocovarianceByLog, type HyperParameter } from "./autocovariance.ts";
import type { Covariance } from "./covariance-options.ts";
import { innovations } from "./innovations.ts";

/** −log p of some curves, and its derivatives by the logarithms of the hyper-parameters. */
export interface MarginalLikelihood {
  readonly nats: number;
  readonly byLog: Readonly<Record<HyperParameter, number>>;
}

/**
 * −log p of N curves of n steps, with their mean taken off, under a stationary covariance:
 *
 *     Σᵢ ½ xᵢᵀ K⁻¹ xᵢ + N/2 log det K + N n/2 log 2π,     its derivative  N/2 tr(K⁻¹ K′) − ½ Σᵢ aᵢᵀ K′ aᵢ,  aᵢ = K⁻¹ xᵢ
 *
 * K′ depends on the lag alone, so that both terms of the derivative are sums over lags: aᵀ K′ a weighs k′ with the autocorrelation of a, and the trace with those of the
 * rows of L, K⁻¹ = Lᵀ L.
 *
 * @throws ReconError `not-positive-definite`.
 * @see C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", 2006, eq. 5.8 and 5.9.
 */
export function marginalLikelihood(covariance: Covariance, curves: readonly Float64Array[]): MarginalLikelihood {
  const n = curves[0]?.length ?? 0;
  const { rows, logDeterminant } = innovations(autocovariance(covariance, n));
  const byLag = new Float64Array(n);
  let nats = (curves.length / 2) * (logDeterminant + n * Math.log(2 * Math.PI));
  for (const x of curves) {
    const white = lowerTimes(rows.data, x);
    for (const value of white) nats += value ** 2 / 2;
    addAutocorrelation(byLag, lowerTransposedTimes(rows.data, white), n, -0.5);
  }
  for (let t = 0; t < n; t++) {
    addAutocorrelation(byLag, rows.data.subarray(t * n, (t + 1) * n), t + 1, curves.length / 2);
  }
  const slopes = Object.entries(autocovarianceByLog(covariance, n)).map(([name, slope]) => [
    name,
    slope.reduce((total, value, lag) => total + value * byLag[lag]!, 0),
  ]);
  return { nats, byLog: Object.fromEntries(slopes) as Record<HyperParameter, number> };
}

/** L x. */
function lowerTimes(l: Float64Array, x: Float64Array): Float64Array {
  const n = x.length;
  return Float64Array.from(x, (_, t) => {
    let total = 0;
    for (let u = 0; u <= t; u++) total += l[t * n + u]! * x[u]!;
    return total;
  });
}

/** Lᵀ x. */
function lowerTransposedTimes(l: Float64Array, x: Float64Array): Float64Array {
  const n = x.length;
  const result = new Float64Array(n);
  for (let t = 0; t < n; t++) for (let u = 0; u <= t; u++) result[u]! += l[t * n + u]! * x[t]!;
  return result;
}

/** Adds weight · Σ_{t, u: |t − u| = lag} a_t a_u at every lag, over the first `count` entries of a. */
function addAutocorrelation(byLag: Float64Array, a: Float64Array, count: number, weight: number): void {
  for (let lag = 0; lag < count; lag++) {
    let total = 0;
    for (let t = lag; t < count; t++) total += a[t]! * a[t - lag]!;
    byLag[lag]! += weight * (lag === 0 ? total : 2 * total);
  }
}
