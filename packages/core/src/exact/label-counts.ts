import type { ExactResult } from "./result.ts";

/** What label recovery is told besides the gradient of the head's bias. */
export interface LabelCountOptions {
  readonly batchSize: number;
  /** Mean softmax output over the batch [classes]; uniform where it is not given, which is right only for a net that does not decide yet. */
  readonly meanSoftmax?: ArrayLike<number>;
  /** How the loss of a batch is formed; mean unless said. */
  readonly reduction?: "mean" | "sum";
}

/**
 * Number of samples of every class from the bias gradient of a softmax cross-entropy head:
 *
 *     dc_k = mean_i p_ik − count_k / B   ⇒   count_k = B (mean p_k − dc_k)
 *
 * rounded by largest remainder to sum to B. Exact when the mean softmax is; for B = 1 it needs none: the label is the only negative entry.
 *
 * @param biasGradient dc [classes]
 * @returns counts [classes]; residual: largest distance of a count from a whole number before rounding (0 for B = 1).
 */
export function labelCounts(
  biasGradient: ArrayLike<number>,
  { batchSize, meanSoftmax, reduction = "mean" }: LabelCountOptions,
): ExactResult<Int32Array> {
  const scale = reduction === "sum" ? 1 / batchSize : 1;
  const dc = Float64Array.from(biasGradient, (value) => value * scale);
  const assumptions = ["batchSize", "lossKind", "lossReduction"];
  const fail = (reason: string): ExactResult<Int32Array> => ({ residual: Number.NaN, assumptions, reason });
  if (dc.some((value) => !Number.isFinite(value))) return fail("The bias gradient is not finite.");
  if (!Number.isInteger(batchSize) || batchSize < 1) return fail(`A batch of ${batchSize} has no label counts.`);
  if (batchSize === 1) {
    const negative = Array.from(dc.keys()).filter((k) => dc[k]! < 0);
    if (negative.length !== 1) {
      return fail(`One sample gives one negative entry of the bias gradient, and here are ${negative.length}.`);
    }
    const value = Int32Array.from(dc, (entry) => (entry < 0 ? 1 : 0));
    return {
      value,
      residual: 0,
      assumptions: ["batchSize", "lossKind"],
      reason: "The only negative entry of the bias gradient is the label.",
    };
  }
  const counts = dc.map((value, k) => batchSize * ((meanSoftmax?.[k] ?? 1 / dc.length) - value));
  const value = Int32Array.from(counts, (count) => Math.max(0, Math.floor(count)));
  const residual = counts.reduce((worst, count) => Math.max(worst, Math.abs(count - Math.round(count))), 0);
  // Largest remainder: the classes whose count was cut most, or exceeded least, are corrected until the sum is the batch size.
  for (
    let missing = batchSize - value.reduce((sum, count) => sum + count, 0);
    missing !== 0;
    missing -= Math.sign(missing)
  ) {
    const step = Math.sign(missing);
    let best = -1;
    for (let k = 0; k < counts.length; k++) {
      if (step < 0 && value[k] === 0) continue;
      if (best < 0 || step * (counts[k]! - value[k]!) > step * (counts[best]! - value[best]!)) best = k;
    }
    value[best]! += step;
  }
  const reason =
    meanSoftmax === undefined
      ? "Rounded with a uniform mean softmax, which is a guess."
      : "Rounded from the mean softmax and the bias gradient.";
  return { value, residual, assumptions, reason };
}

/**
 * The target of one sample under a squared-error head that is averaged over its T outputs: y = ŷ − (T / 2) db with ŷ = W h + b.
 *
 * @param prediction ŷ [T]
 * @param biasGradient db [T]
 */
export function squaredErrorTarget(prediction: ArrayLike<number>, biasGradient: ArrayLike<number>): Float64Array {
  const half = prediction.length / 2;
  return Float64Array.from(prediction, (value, t) => value - half * biasGradient[t]!);
}
