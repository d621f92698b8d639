export { availableBackends } from "./available-backends.ts";
export { tfjsExecutor } from "./executor.ts";
export type { Tfjs, TfjsTensor } from "./tfjs.ts";
export { type TracedFunction, type TraceInput, traceFunction } from "./trace/trace-function.ts";
export { type LayersModelOptions, type TracedModel, traceLayersModel } from "./trace/trace-layers-model.ts";
