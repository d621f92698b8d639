export { after } from "./after.ts";
export { add, div, dot, mul, neg, square, sub } from "./arithmetic.ts";
export { type AvgPoolOptions, avgPool } from "./avg-pool.ts";
export {
  abs,
  clip,
  equal,
  greater,
  greaterEqual,
  maximum,
  minimum,
  select,
  sign,
  step,
  stopGradient,
  toFloat,
  toInt,
} from "./compare.ts";
export {
  type ConvGeometry,
  type ConvOptions,
  conv,
  convFilterGradient,
  convInputGradient,
  convolution,
} from "./conv.ts";
export { and, argMax, argMin, ceil, floor, not, oneHot, or, round, topKMask } from "./discrete.ts";
export { gather, gatherElements, scatterAdd, scatterAddElements } from "./gather.ts";
export { constant, input, scalar, uniformValue } from "./leaf.ts";
export { binaryCrossEntropy, crossEntropy, type Reduction, squaredError } from "./loss.ts";
export { linear, type MatMulOptions, matmul } from "./matmul.ts";
export { maxPool, type PoolOptions } from "./max-pool.ts";
export {
  batchNorm,
  batchNormEval,
  groupNorm,
  inverseDeviation,
  layerNorm,
  type NormalisationOptions,
  standardise,
} from "./normalisation.ts";
export { split, stack, tile } from "./pieces.ts";
export { enlarge, sumPool } from "./pool.ts";
export { recomputed } from "./recomputed.ts";
export { gru, type LstmState, lstm, type RecurrentResult, type RecurrentWeights, scan } from "./recurrent.ts";
export { max, mean, min, variance } from "./reduce.ts";
export { broadcastTo, full, reshape, sum, sumTo, transpose, zerosLike } from "./shape.ts";
export { concat, pad, slice } from "./slice.ts";
export { logSoftmax, softmax } from "./softmax.ts";
export { acos, asin, atan, cosh, erf, gelu, geluTanh, silu, sinh, tan } from "./special.ts";
export { type CumulativeSumOptions, cumulativeSum, reverse, spread, stridedSlice } from "./stride.ts";
export { type TransposedConvolutionOptions, transposedConvolution } from "./transposed-convolution.ts";
export { cos, elu, exp, leakyRelu, log, power, relu, sigmoid, sin, softplus, sqrt, tanh } from "./unary.ts";
