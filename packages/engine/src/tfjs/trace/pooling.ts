/** Pooling, with windows that may overlap and reach over the edge. */
import type { AvgPoolAttrs, backend_util } from "@tensorflow/tfjs-core";
import { avgPool } from "../../ops/avg-pool.ts";
import { maxPool, type PoolOptions } from "../../ops/max-pool.ts";
import type { Tensor } from "../../tensor.ts";
import { asGiven, channelsFirst } from "./convolution.ts";
import type { KernelCall, TraceRule, TraceRules } from "./rule.ts";

/** TensorFlow.js works out padding itself. */
function poolInfo({ tf, operand, attributes }: KernelCall): backend_util.Conv2DInfo {
  const { filterSize, strides, pad, dimRoundingMode } = attributes as AvgPoolAttrs;
  const shape = [...operand("x").shape] as [number, number, number, number];
  return tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
}

const pooling =
  (f: (x: Tensor, size: readonly number[], options: PoolOptions) => Tensor): TraceRule =>
  (call) => {
    const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = poolInfo(call);
    const { top, left, bottom, right } = padInfo;
    const options = { strides: [strideHeight, strideWidth], pads: [top, left, bottom, right] };
    return asGiven(f(channelsFirst(call.operand("x")), [filterHeight, filterWidth], options));
  };

export const poolingRules: TraceRules = {
  // Beyond the edge there is nothing to average.
  AvgPool: pooling((x, size, options) => avgPool(x, size, { ...options, countBorder: false })),
  MaxPool: pooling(maxPool),
};
