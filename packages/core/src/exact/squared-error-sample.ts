import { matrixVector, norm } from "../linear-algebra/vector.ts";
import { singleSample } from "./linear-layer.ts";
import type { ExactResult } from "./result.ts";
import type { SquaredErrorHead } from "./squared-error-head.ts";

/** What a squared-error head says of one sample. */
export interface SquaredErrorSample {
  /** h [F], what enters the head. */
  readonly features: Float64Array;
  /** ŷ [T]. */
  readonly prediction: Float64Array;
  /** y [T]. */
  readonly target: Float64Array;
}

/**
 * The one sample behind a head ŷ = W h + b under a squared error with ∂ℓ/∂ŷ = c (ŷ − y), whatever the net before the head:
 *
 *     h = dWᵀ db / |db|²,  ŷ = W h + b,  y = ŷ − db / c
 *
 * @param slope c: 2 / T where the loss is the mean over T outputs, 2 where it is their sum.
 * @returns residual: misfit of dW = db hᵀ.
 */
export function squaredErrorSample(
  { weight, bias, weightGradient, biasGradient }: SquaredErrorHead,
  slope: number,
): ExactResult<SquaredErrorSample> {
  const assumptions = ["batchSize", "weights", "lossKind"];
  const { value: features, residual, reason } = singleSample(weightGradient, biasGradient);
  if (features === undefined) return { residual, assumptions, reason };
  const prediction = matrixVector(weight, features).map((value, t) => value + bias[t]!);
  const target = prediction.map((value, t) => value - biasGradient[t]! / slope);
  if (!Number.isFinite(norm(target))) return { residual, assumptions, reason: "The target is not finite." };
  return {
    value: { features, prediction, target },
    residual,
    assumptions,
    reason: "One sample: h from the ratio of dW and db, y from ŷ and db.",
  };
}
