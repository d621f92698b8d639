export { type Activation, activationOf, type Consumers } from "./activation.ts";
export { activationDerivatives } from "./activation-derivatives.ts";
export { type BucketedProgram, type BucketOptions, bucketed } from "./buckets.ts";
export { EngineError } from "./errors.ts";
export type { CompileOptions, Executor, Program, ProgramStatistics } from "./executor.ts";
export * from "./executors/index.ts";
export { grad, vjp } from "./grad.ts";
export { type Graph, graph, nodesOf, print, rewrite, topologicalOrder } from "./graph.ts";
export { interpret } from "./interpret.ts";
export { type JacobianOptions, jacobianVector, vectorJacobian } from "./jacobian.ts";
export { hvp, jvp } from "./jvp.ts";
export { type ConvolutionLayer, type Layer, type LinearLayer, layersOf } from "./layers.ts";
export { type LoweredGraph, type LowerOptions, lower } from "./onnx/lower.ts";
export * from "./ops/index.ts";
export * from "./optimisers/index.ts";
export { optimise } from "./passes/optimise.ts";
export type {
  Arrays,
  Attribute,
  Attributes,
  DType,
  MappedOperand,
  NdArray,
  Op,
  Precision,
  Shape,
  Tensor,
  Tensors,
} from "./tensor.ts";
export { sizeOf } from "./tensor.ts";
export * from "./training/index.ts";
export { vmap } from "./vmap.ts";
