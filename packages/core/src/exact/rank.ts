import { appendColumn, type Matrix } from "../linear-algebra/matrix.ts";
import { type MatrixProduct, plainProduct } from "../linear-algebra/multiply.ts";
import { topSingular } from "../linear-algebra/svd.ts";
import { type ExactResult, unitRoundoff } from "./result.ts";

/** What is known of the observation's accuracy. */
export interface RankOptions {
  readonly precision: "float32" | "float64";
  /** Standard deviation of independent noise on every entry; 0 for none. */
  readonly noiseStd?: number;
  /** Where large products are computed. */
  readonly product?: MatrixProduct;
  /** Largest rank looked for, 64 by default. */
  readonly limit?: number;
}

/** A numerical rank and what it rests on. */
export interface NumericalRank {
  /** Number of singular values above the threshold: a lower bound on the number of distinct active samples. */
  readonly rank: number;
  /** Largest singular values, descending: those counted and a few behind them. */
  readonly singularValues: Float64Array;
  /** Ratio of the last counted value to the next; infinite when the next is zero or there is none. */
  readonly gap: number;
  readonly threshold: number;
}

/**
 * Numerical rank of [dW | db], a lower bound on the number of distinct samples behind a linear layer's gradient.
 *
 * Counts the singular values sₖ above max(rows, cols) ε s₁, or above 1.1 σ (√rows + √cols) under noise, and refuses when the gap
 * behind them is below 10 (1.2 under noise, where the bulk begins right below the threshold) or is not the largest one. Always with the column db:
 * x₂ = c x₁ hides in dW alone. Duplicates, samples of zero residual and samples dead in the layer are not seen.
 *
 * @param biasGradient db; absent where the layer has none, and then proportional samples count as one.
 * @returns residual: share of ‖[dW | db]‖ behind the counted values, as far as they were computed.
 */
export async function rankTest(
  weightGradient: Matrix,
  biasGradient: ArrayLike<number> | undefined,
  options: RankOptions,
): Promise<ExactResult<NumericalRank>> {
  const { precision, noiseStd = 0, product = plainProduct, limit = 64 } = options;
  const a = biasGradient === undefined ? weightGradient : appendColumn(weightGradient, biasGradient);
  const assumptions: string[] = noiseStd > 0 ? ["defenceParams"] : [];
  const shorter = Math.min(a.rows, a.cols);
  for (let count = Math.min(8, shorter); ; count = Math.min(2 * count, shorter)) {
    const { values } = await topSingular(a, count, product);
    const first = values[0] ?? 0;
    if (!(first > 0) || !Number.isFinite(first)) {
      return {
        residual: Number.NaN,
        assumptions,
        reason: "The gradient is zero or not finite: it has no rank to speak of.",
      };
    }
    const rounding = Math.max(a.rows, a.cols) * unitRoundoff[precision] * first;
    const threshold = Math.max(rounding, 1.1 * noiseStd * (Math.sqrt(a.rows) + Math.sqrt(a.cols)));
    const rank = values.filter((value) => value > threshold).length;
    if (rank === count && count < shorter) {
      if (count < limit) continue;
      return { residual: Number.NaN, assumptions, reason: `The rank is ${limit} or more; the search stopped there.` };
    }
    return { assumptions, ...judgeGap(values, rank, threshold, noiseStd > 0 ? 1.2 : 10) };
  }
}

function judgeGap(
  values: Float64Array,
  rank: number,
  threshold: number,
  least: number,
): { value?: NumericalRank; residual: number; reason: string } {
  const energy = values.reduce((sum, value) => sum + value * value, 0);
  const tail = values.slice(rank).reduce((sum, value) => sum + value * value, 0);
  const residual = Math.sqrt(tail / energy);
  if (rank === 0) return { residual, reason: "No singular value stands above the noise." };
  const ratio = (k: number): number => (values[k]! > 0 ? values[k - 1]! / values[k]! : Number.POSITIVE_INFINITY);
  const gap = rank < values.length ? ratio(rank) : Number.POSITIVE_INFINITY;
  // Ratios among values that are rounding or noise already mean nothing, so only those up to the threshold compete.
  const larger = Array.from({ length: rank - 1 }, (_, i) => i + 1).find((k) => ratio(k) > gap);
  if (gap < least)
    return {
      residual,
      reason: `The gap behind singular value ${rank} is only ${gap.toPrecision(3)}: the rank is not clear.`,
    };
  if (larger !== undefined) {
    return {
      residual,
      reason: `The largest gap is behind singular value ${larger}, not behind the ${rank} above the threshold: the rank is not clear.`,
    };
  }
  const reason = `${rank} singular value${rank === 1 ? "" : "s"} above ${threshold.toExponential(1)}, gap ${gap.toPrecision(3)}.`;
  return { value: { rank, singularValues: values, gap, threshold }, residual, reason };
}
