import type { Matrix } from "../linear-algebra/matrix.ts";
import { type RankOptions, rankTest } from "./rank.ts";
import type { ExactResult } from "./result.ts";
import { type SquaredErrorSample, squaredErrorSample } from "./squared-error-sample.ts";

/** A linear head ŷ = W h + b with T outputs and its gradients under squared error. */
export interface SquaredErrorHead {
  /** W [T, F]. */
  readonly weight: Matrix;
  /** b [T]. */
  readonly bias: ArrayLike<number>;
  readonly weightGradient: Matrix;
  readonly biasGradient: ArrayLike<number>;
}

/** How the loss is formed, and what is known of the gradient's accuracy. */
export interface SquaredErrorOptions extends RankOptions {
  /** B where it is known. */
  readonly batchSize?: number;
  /** Over the T outputs of a sample; mean unless said. */
  readonly outputs?: "mean" | "sum";
  /** Over the batch; mean unless said. */
  readonly reduction?: "mean" | "sum";
}

/** What the head's gradient says of the batch. */
export interface SquaredErrorFindings {
  /** Numerical rank of [dW | db]: a lower bound on the number of samples. */
  readonly rank: number;
  /** Σ_i (ŷ_i − y_i) [T]: the one equation an output puts on the targets of a batch. Absent where B must be known for it and is not. */
  readonly residualSum?: Float64Array;
  /** For one sample only. */
  readonly sample?: SquaredErrorSample;
}

/**
 * Features and targets behind a squared-error head, ℓ = (1/T) Σ_t (ŷ_t − y_t)², from its gradient: db = (2/T) (ŷ − y), dW = db hᵀ.
 *
 * One sample, known or shown by a rank of 1 where min(T, F + 1) ≥ 2 were possible: h = dWᵀ db / |db|², ŷ = W h + b, y = ŷ − (T/2) db, exact whatever
 * the net before the head. For several samples db gives the sum of their residuals and the rows of dW combinations of their head inputs, and no more is
 * determined by this layer: a value without `sample` says so.
 *
 * @returns residual: misfit of dW = db hᵀ for one sample.
 */
export async function squaredErrorHead(
  head: SquaredErrorHead,
  options: SquaredErrorOptions,
): Promise<ExactResult<SquaredErrorFindings>> {
  const { weight, weightGradient, biasGradient } = head;
  const { batchSize, outputs = "mean", reduction = "mean" } = options;
  const known = batchSize === undefined ? [] : ["batchSize"];
  const assumptions = [...known, "weights", "lossKind", "lossReduction"];
  const tested = await rankTest(weightGradient, biasGradient, options);
  if (tested.value === undefined) return { residual: tested.residual, assumptions, reason: tested.reason };
  const { rank } = tested.value;
  const width = weight.rows;
  const perOutput = (outputs === "mean" ? width : 1) / 2;
  const residuals = (samples: number): Float64Array =>
    Float64Array.from(biasGradient, (value) => perOutput * (reduction === "mean" ? samples : 1) * value);
  const possible = Math.min(width, weight.cols + 1);
  const single = batchSize === 1 || (batchSize === undefined && rank === 1 && possible > 1);
  if (!single) {
    const samples = batchSize ?? (reduction === "sum" ? 1 : undefined);
    const saturated = rank >= possible ? ", as high as it could be" : "";
    return {
      value: { rank, ...(samples !== undefined && { residualSum: residuals(samples) }) },
      residual: Number.NaN,
      assumptions,
      reason: `[dW | db] has rank ${rank}${saturated}: the sum of the residuals and the span of the head inputs are determined, single samples are not.`,
    };
  }
  const found = squaredErrorSample(head, 1 / perOutput);
  if (found.value === undefined) return { residual: found.residual, assumptions, reason: found.reason };
  return {
    value: { rank, residualSum: residuals(1), sample: found.value },
    residual: found.residual,
    assumptions,
    reason: batchSize === 1 ? found.reason : "Rank 1 where more was possible: one sample.",
  };
}
