export { type ChainInputs, inverseChain } from "./head-unmixing/inverse-chain.ts";
export { type InverseLayerOptions, inverseLayer, type LayerInputs } from "./head-unmixing/inverse-layer.ts";
export type { HeadSources } from "./head-unmixing/reduced-head.ts";
export { type UnmixedHead, type UnmixHeadOptions, unmixHead } from "./head-unmixing/unmix-head.ts";
export {
  type IndependentComponents,
  type IndependentComponentsOptions,
  unmixComponents,
} from "./independent-components/unmix-components.ts";
export { type LabelCountOptions, labelCounts, squaredErrorTarget } from "./label-counts.ts";
export { inputDirection, singleSample, singleSampleBehindNoise } from "./linear-layer.ts";
export { type NumericalRank, type RankOptions, rankTest } from "./rank.ts";
export { fromLayers, type LayerChain, type LayerSources } from "./recursion/from-layers.ts";
export { logisticErrors } from "./recursion/logistic-head.ts";
export {
  type LayerReport,
  type RecursionConvolution,
  type RecursionLayer,
  type RecursionLinear,
  type RecursionOptions,
  type RecursionResult,
  type RecursionValue,
  recursion,
} from "./recursion/recursion.ts";
export { type ExactResult, unitRoundoff } from "./result.ts";
export {
  distancesFrom,
  type RowSpace,
  type RowSpaceOptions,
  rowSpace,
  type SpaceDistances,
} from "./row-space.ts";
export { type SpanMembers, type SpanTestOptions, spanTest } from "./span.ts";
export {
  type SquaredErrorFindings,
  type SquaredErrorHead,
  type SquaredErrorOptions,
  squaredErrorHead,
} from "./squared-error-head.ts";
export { type SquaredErrorSample, squaredErrorSample } from "./squared-error-sample.ts";
export * from "./tensor/index.ts";
export * from "./visible/index.ts";
