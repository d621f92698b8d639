export { type LabelCountOptions, labelCounts, squaredErrorTarget } from "./label-counts.ts";
export { inputDirection, singleSample } from "./linear-layer.ts";
export { type NumericalRank, type RankOptions, rankTest } from "./rank.ts";
export { fromLayers, type LayerChain, type LayerSources } from "./recursion/from-layers.ts";
export {
  type LayerReport,
  type RecursionConvolution,
  type RecursionLayer,
  type RecursionLinear,
  type RecursionOptions,
  type RecursionValue,
  recursion,
} from "./recursion/recursion.ts";
export { type ExactResult, unitRoundoff } from "./result.ts";
export * from "./visible/index.ts";
