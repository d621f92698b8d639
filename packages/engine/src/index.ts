export { EngineError } from "./errors.ts";
export type { CompileOptions, Executor, Program, ProgramStatistics } from "./executor.ts";
export { type Graph, graph, nodesOf, print, rewrite, topologicalOrder } from "./graph.ts";
export type { Arrays, Attribute, Attributes, DType, NdArray, Op, Precision, Shape, Tensor, Tensors } from "./tensor.ts";
export { sizeOf } from "./tensor.ts";
