export { type BucketedProgram, type BucketOptions, bucketed } from "./buckets.ts";
export { EngineError } from "./errors.ts";
export type { CompileOptions, Executor, Program, ProgramStatistics } from "./executor.ts";
export { availableDevices, type DeviceReport } from "./executors/available-devices.ts";
export { type OnnxRuntimeOptions, onnxruntime } from "./executors/onnxruntime.ts";
export { grad, vjp } from "./grad.ts";
export { type Graph, graph, nodesOf, print, rewrite, topologicalOrder } from "./graph.ts";
export { interpret } from "./interpret.ts";
export { type JacobianOptions, jacobianVector, vectorJacobian } from "./jacobian.ts";
export { hvp, jvp } from "./jvp.ts";
export { type Activation, type ConvolutionLayer, type Layer, type LinearLayer, layersOf } from "./layers.ts";
export { type LoweredGraph, type LowerOptions, lower } from "./onnx/lower.ts";
export { add, div, dot, mul, neg, square, sub } from "./ops/arithmetic.ts";
export { type AvgPoolOptions, avgPool } from "./ops/avg-pool.ts";
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
} from "./ops/compare.ts";
export {
  type ConvGeometry,
  type ConvOptions,
  conv,
  convFilterGradient,
  convInputGradient,
  convolution,
} from "./ops/conv.ts";
export { and, argMax, argMin, ceil, floor, not, oneHot, or, round, topKMask } from "./ops/discrete.ts";
export { gather, gatherElements, scatterAdd, scatterAddElements } from "./ops/gather.ts";
export { constant, input, scalar, uniformValue } from "./ops/leaf.ts";
export { binaryCrossEntropy, crossEntropy, type Reduction, squaredError } from "./ops/loss.ts";
export { linear, type MatMulOptions, matmul } from "./ops/matmul.ts";
export { maxPool, type PoolOptions } from "./ops/max-pool.ts";
export {
  batchNorm,
  batchNormEval,
  groupNorm,
  inverseDeviation,
  layerNorm,
  type NormalisationOptions,
  standardise,
} from "./ops/normalisation.ts";
export { split, stack, tile } from "./ops/pieces.ts";
export { enlarge, sumPool } from "./ops/pool.ts";
export { gru, type LstmState, lstm, type RecurrentResult, type RecurrentWeights, scan } from "./ops/recurrent.ts";
export { max, mean, min, variance } from "./ops/reduce.ts";
export { broadcastTo, full, reshape, sum, sumTo, transpose, zerosLike } from "./ops/shape.ts";
export { concat, pad, slice } from "./ops/slice.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export { acos, asin, atan, cosh, erf, gelu, geluTanh, silu, sinh, tan } from "./ops/special.ts";
export { type CumulativeSumOptions, cumulativeSum, reverse, spread, stridedSlice } from "./ops/stride.ts";
export { type TransposedConvolutionOptions, transposedConvolution } from "./ops/transposed-convolution.ts";
export { cos, elu, exp, leakyRelu, log, power, relu, sigmoid, sin, softplus, sqrt, tanh } from "./ops/unary.ts";
export { type AdamMoments, type AdamOptions, adam, adamW, scaleByAdam } from "./optimisers/adam.ts";
export { chain } from "./optimisers/chain.ts";
export type { Optimiser, StepPosition, Update, UpdateSite } from "./optimisers/optimiser.ts";
export { scale } from "./optimisers/scale.ts";
export {
  type CosineDecayOptions,
  constantRate,
  cosineDecay,
  type Schedule,
  type StepDecayOptions,
  stepDecay,
} from "./optimisers/schedule.ts";
export { decayWeights, type MomentumOptions, momentum, type SgdOptions, sgd } from "./optimisers/sgd.ts";
export { hardSign, softSign } from "./optimisers/sign.ts";
export { optimise } from "./passes/optimise.ts";
export type { Arrays, Attribute, Attributes, DType, NdArray, Op, Precision, Shape, Tensor, Tensors } from "./tensor.ts";
export { sizeOf } from "./tensor.ts";
export { type Batch, type Batches, type BatchesOptions, batchesOf, type Shuffle } from "./training/batches.ts";
export { type FusedSteps, type FusedStepsOptions, fusedSteps } from "./training/fused-steps.ts";
export { substitute } from "./training/substitute.ts";
export { type TrainOptions, train } from "./training/train.ts";
export {
  type EpochSummary,
  finishTraining,
  type TrainingEvent,
  type TrainingOutcome,
  type TrainingProgress,
  type TrainingResult,
  type TrainingState,
} from "./training/training-event.ts";
export {
  type LossFunction,
  type LossWithBuffers,
  type TrainingGraphOptions,
  trainingGraph,
} from "./training/training-graph.ts";
