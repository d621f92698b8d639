import { logGamma } from "../bounds/distributions/log-gamma.ts";
import { normalQuantile } from "../bounds/distributions/normal.ts";
import type { Matrix } from "../linear-algebra/matrix.ts";
import { plainProduct } from "../linear-algebra/multiply.ts";
import { topSingular } from "../linear-algebra/svd.ts";
import { norm, transposedMatrixVector } from "../linear-algebra/vector.ts";
import { type RankOptions, rankTest } from "./rank.ts";
import { type ExactResult, unitRoundoff } from "./result.ts";

/** How a span test is carried out. */
export interface SpanTestOptions extends RankOptions {
  /** Share of true members that the test rejects, 1e-3 unless said. */
  readonly missRate?: number;
}

/** Which candidates lie in the row space of a layer's gradient. */
export interface SpanMembers {
  /** Indices of the accepted candidates, ascending. */
  readonly accepted: readonly number[];
  /** ‖v − V Vᵀ v‖ / ‖v‖ of every candidate. */
  readonly distances: Float64Array;
  /** The statistic T of every candidate over the quantile it is compared with: accepted up to 1. */
  readonly statistics: Float64Array;
  /** Dimension r of the row space. */
  readonly rank: number;
  /** Upper bound of the share of candidates in uniformly random directions that would be accepted. */
  readonly falsePositiveRate: number;
}

/**
 * Which of the candidate vectors lie in the row space of dW = Δᵀ X, as all inputs do.
 *
 * Noise or rounding of standard deviation σ an entry tilts the r leading right singular vectors V by (I − V Vᵀ) Eᵀ U S⁻¹ to first order, so for a member v
 *
 *     T(v) = ‖v − V Vᵀ v‖² / (σ² ‖S⁻¹ Vᵀ v‖²) ~ χ²_{d−r}
 *
 * and v is accepted up to the (1 − missRate) quantile. A random direction has ‖v − V Vᵀ v‖² ~ Beta((d − r)/2, r/2) of its square, which bounds the rate of
 * false positives. Membership is necessary, not sufficient: candidates that are sums of each other's parts lie in the span without being inputs.
 *
 * @param weightGradient dW [m, d].
 * @param candidates one a row [n, d]; a zero row is never accepted.
 * @returns residual: as of the rank test. The value is absent where the rank is unclear or the span is everything.
 */
export async function spanTest(
  weightGradient: Matrix,
  candidates: Matrix,
  options: SpanTestOptions,
): Promise<ExactResult<SpanMembers>> {
  const { precision, noiseStd = 0, missRate = 1e-3, product = plainProduct } = options;
  const tested = await rankTest(weightGradient, undefined, options);
  const { residual, assumptions, reason } = tested;
  const fail = (why: string): ExactResult<SpanMembers> => ({ residual, assumptions, reason: why });
  if (tested.value === undefined) return fail(reason);
  const { rank } = tested.value;
  const width = weightGradient.cols;
  if (candidates.cols !== width) {
    return fail(`The candidates have ${candidates.cols} numbers each, and the layer takes ${width}.`);
  }
  if (rank >= width)
    return fail(`The gradient's rows span all ${width} dimensions, so every candidate lies in the span.`);
  const { values, right } = await topSingular(weightGradient, rank, product);
  // Sums of many rounded terms are off by a few units, and by a share of the largest entries at most.
  const rounding = (8 * unitRoundoff[precision] * norm(weightGradient.data)) / Math.sqrt(weightGradient.data.length);
  const std = Math.max(noiseStd, rounding);
  const freedom = width - rank;
  const quantile = chiSquareQuantile(freedom, missRate);
  const distances = new Float64Array(candidates.rows);
  const statistics = distances.map((_, i) => {
    const v = candidates.data.subarray(i * width, (i + 1) * width);
    const size = norm(v);
    if (!(size > 0)) return Number.POSITIVE_INFINITY;
    const coordinates = transposedMatrixVector(right, v);
    const inside = matrixTimes(right, coordinates);
    const distance = norm(v.map((value, j) => value - inside[j]!));
    distances[i] = distance / size;
    const tilt = std * norm(coordinates.map((value, k) => value / values[k]!));
    // Rounding of the projection itself.
    const floor = 8 * Number.EPSILON * size;
    return distance ** 2 / (Math.max(tilt, floor) ** 2 * quantile);
  });
  const accepted = Array.from(statistics.keys()).filter((i) => statistics[i]! <= 1);
  const falsePositiveRate = betaBound((std / values[rank - 1]!) ** 2 * quantile, freedom / 2, rank / 2);
  return {
    value: { accepted, distances, statistics, rank, falsePositiveRate },
    residual,
    assumptions,
    reason: `${accepted.length} of ${candidates.rows} candidates lie in the ${rank}-dimensional span; a random one would with probability ${falsePositiveRate.toExponential(1)} at most.`,
  };
}

function matrixTimes({ rows, cols, data }: Matrix, x: Float64Array): Float64Array {
  return Float64Array.from({ length: rows }, (_, j) =>
    x.reduce((sum, value, k) => sum + data[j * cols + k]! * value, 0),
  );
}

/** The (1 − α) quantile of χ² with n degrees of freedom. @see E. B. Wilson, M. M. Hilferty, PNAS 17 (1931). */
export function chiSquareQuantile(n: number, alpha: number): number {
  const share = 2 / (9 * n);
  return n * (1 - share + normalQuantile(1 - alpha) * Math.sqrt(share)) ** 3;
}

/** P(Beta(a, b) ≤ t) ≤ tᵃ max(1, (1 − t)ᵇ⁻¹) / (a B(a, b)), at most 1. */
export function betaBound(t: number, a: number, b: number): number {
  if (!(t < 1)) return 1;
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b);
  const edge = b < 1 ? (b - 1) * Math.log1p(-t) : 0;
  return Math.min(1, Math.exp(a * Math.log(t) + edge - Math.log(a) - logBeta));
}
