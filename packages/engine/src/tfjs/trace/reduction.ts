/** Kernels that reduce axes, and softmax. */
import { neg } from "../../ops/arithmetic.ts";
import { toFloat } from "../../ops/compare.ts";
import { max, mean } from "../../ops/reduce.ts";
import { sum } from "../../ops/shape.ts";
import { logSoftmax, softmax } from "../../ops/softmax.ts";
import { cumulativeSum } from "../../ops/stride.ts";
import type { Tensor } from "../../tensor.ts";
import type { TraceRule, TraceRules } from "./rule.ts";

interface ReductionAttributes {
  readonly axis?: number | readonly number[] | null;
  readonly reductionIndices?: number | readonly number[] | null;
  readonly keepDims?: boolean;
}

const reduction =
  (f: (x: Tensor, axes: readonly number[] | undefined, keep: boolean) => Tensor): TraceRule =>
  ({ operand, attributes }) => {
    const { axis, reductionIndices, keepDims } = attributes as ReductionAttributes;
    const given = axis ?? reductionIndices ?? undefined;
    return f(toFloat(operand("x")), typeof given === "number" ? [given] : given, keepDims ?? false);
  };

export const reductionRules: TraceRules = {
  Sum: reduction(sum),
  Mean: reduction(mean),
  Max: reduction(max),
  Min: reduction((x, axes, keep) => neg(max(neg(x), axes, keep))),
  // TensorFlow.js takes softmax over the last axis only and refuses others itself.
  Softmax: ({ operand }) => softmax(operand("logits")),
  LogSoftmax: ({ operand }) => logSoftmax(operand("logits")),
  Cumsum: ({ operand, attributes }) => {
    const { axis, exclusive, reverse } = attributes as { axis: number; exclusive: boolean; reverse: boolean };
    return cumulativeSum(operand("x"), axis, { exclusive, reverse });
  },
};
