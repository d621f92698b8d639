/** Training objectives from logits. */
import { EngineError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { mul, neg, square, sub } from "./arithmetic.ts";
import { oneHot } from "./discrete.ts";
import { mean } from "./reduce.ts";
import { sum } from "./shape.ts";
import { logSoftmax } from "./softmax.ts";
import { softplus } from "./unary.ts";

/** Over the examples: their mean, their sum, or one number each. */
export type Reduction = "mean" | "sum" | "none";

function reduced(each: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return each;
  return reduction === "sum" ? sum(each) : mean(each);
}

/**
 * Cross-entropy −Σₖ tₖ log softmax(z)ₖ over the last axis of the logits.
 *
 * @param target classes (int, the shape of the logits without its last axis) or probabilities (float, the shape of the logits).
 * @throws EngineError `shape`.
 */
export function crossEntropy(logits: Tensor, target: Tensor, reduction: Reduction = "mean"): Tensor {
  const wanted = target.dtype === "int" ? logits.shape.slice(0, -1) : logits.shape;
  if (logits.shape.length === 0 || target.shape.join() !== wanted.join()) {
    const listed = `target [${target.shape.join(", ")}] for logits [${logits.shape.join(", ")}]`;
    throw new EngineError(
      "shape",
      `crossEntropy: ${listed}; give classes of shape [${wanted.join(", ")}] or probabilities.`,
    );
  }
  const weights = target.dtype === "int" ? oneHot(target, logits.shape.at(-1)!) : target;
  return reduced(neg(sum(mul(weights, logSoftmax(logits)), [-1])), reduction);
}

/** Binary cross-entropy log(1 + eᶻ) − t z, elementwise, for targets t in [0, 1]. @throws EngineError `shape`. */
export function binaryCrossEntropy(logits: Tensor, target: Tensor, reduction: Reduction = "mean"): Tensor {
  if (logits.shape.join() !== target.shape.join())
    throw new EngineError(
      "shape",
      `binaryCrossEntropy: target [${target.shape.join(", ")}] must have shape [${logits.shape.join(", ")}].`,
    );
  return reduced(sub(softplus(logits), mul(target, logits)), reduction);
}

/** Squared error (y − t)², elementwise. @throws EngineError `shape`. */
export function squaredError(output: Tensor, target: Tensor, reduction: Reduction = "mean"): Tensor {
  if (output.shape.join() !== target.shape.join())
    throw new EngineError(
      "shape",
      `squaredError: target [${target.shape.join(", ")}] must have shape [${output.shape.join(", ")}].`,
    );
  return reduced(square(sub(output, target)), reduction);
}
