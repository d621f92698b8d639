export { EngineError } from "./errors.ts";
export type { CompileOptions, Executor, Program, ProgramStatistics } from "./executor.ts";
export { availableDevices, type DeviceReport } from "./executors/available-devices.ts";
export { type OnnxRuntimeOptions, onnxruntime } from "./executors/onnxruntime.ts";
export { grad, vjp } from "./grad.ts";
export { type Graph, graph, nodesOf, print, rewrite, topologicalOrder } from "./graph.ts";
export { interpret } from "./interpret.ts";
export { type Activation, type ConvolutionLayer, type Layer, type LinearLayer, layersOf } from "./layers.ts";
export { type LoweredGraph, type LowerOptions, lower } from "./onnx/lower.ts";
export { add, div, dot, mul, neg, square, sub } from "./ops/arithmetic.ts";
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
export { constant, input, scalar, uniformValue } from "./ops/leaf.ts";
export { linear, type MatMulOptions, matmul } from "./ops/matmul.ts";
export { avgPool, enlarge, sumPool } from "./ops/pool.ts";
export { max, mean, variance } from "./ops/reduce.ts";
export { broadcastTo, full, reshape, sum, sumTo, transpose, zerosLike } from "./ops/shape.ts";
export { concat, pad, slice } from "./ops/slice.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export { cos, elu, exp, leakyRelu, log, power, relu, sigmoid, sin, softplus, sqrt, tanh } from "./ops/unary.ts";
export { optimise } from "./passes/optimise.ts";
export type { Arrays, Attribute, Attributes, DType, NdArray, Op, Precision, Shape, Tensor, Tensors } from "./tensor.ts";
export { sizeOf } from "./tensor.ts";
