export { requireCoverage, type TrainingFacts, uncoveredReasons } from "./accounting/coverage.ts";
export {
  type DominatingPair,
  gaussianPair,
  laplacePair,
  type Masses,
  reversedPair,
  sampledPair,
} from "./accounting/dominating-pair.ts";
export {
  gaussianDelta,
  gaussianEpsilon,
  gaussianGuarantee,
  gaussianMu,
  limitApproximation,
  limitMu,
} from "./accounting/gaussian.ts";
export type { Neighbours, PrivacyGuarantee, SampledGaussian, Sampling } from "./accounting/guarantee.ts";
export { mixesRecords } from "./accounting/mixes-records.ts";
export { type Accountant, noiseMultiplierFor, type PrivacyGoal } from "./accounting/noise-multiplier.ts";
export {
  type EnclosedGuarantee,
  type Enclosure,
  type PrivacyLossOptions,
  type PrivacyProfile,
  privacyLossGuarantee,
  privacyProfile,
  type RepeatedPair,
} from "./accounting/privacy-loss.ts";
export {
  composeRenyi,
  type RenyiCurve,
  renyiCurve,
  renyiGuarantee,
  renyiOfStep,
  renyiToEpsilon,
} from "./accounting/renyi.ts";
export type { Bound, EstimatedBound } from "./bound.ts";
export {
  aggregationRates,
  clipRates,
  clipRecordsRates,
  type DpSgdRates,
  dpSgdRates,
  dropoutRates,
  gaussianRates,
  localStepsRates,
  pruningRates,
  type Rates,
  type TwoLayerSize,
  undefendedRates,
} from "./rates.ts";
export {
  type BlindSuccess,
  type BlindSuccessOptions,
  blindSuccess,
} from "./reconstruction-robustness/blind-success.ts";
export { renyiErrorApproximation } from "./reconstruction-robustness/renyi-error.ts";
export {
  type SampledSuccess,
  type SampledSuccessOptions,
  successUnderSampling,
} from "./reconstruction-robustness/sampled-success.ts";
export {
  successUnderDp,
  successUnderGaussian,
  successUnderGaussianRenyi,
  successUnderProfile,
  successUnderRenyi,
} from "./reconstruction-robustness/success-bounds.ts";
export { type EntryNoise, entryPrecision } from "./van-trees/entry-noise.ts";
export { type LanczosOptions, probedMatrixBound } from "./van-trees/lanczos-bound.ts";
export { type LeakMap, leakMap } from "./van-trees/leak-map.ts";
export type { Estimate, ProbedInformation } from "./van-trees/probing.ts";
export { type ProblemProducts, problemProducts } from "./van-trees/problem-products.ts";
export { denseProducts, type JacobianProducts } from "./van-trees/products.ts";
export { informationTrace, probedTraceBound } from "./van-trees/trace-bound.ts";
export {
  normalMean,
  type SmoothActivation,
  type TwoLayerSetting,
  twoLayerBound,
  twoLayerJacobian,
} from "./van-trees/two-layer.ts";
export { cramerRao, fisherInformation, vanTrees, vanTreesFromDraws, vanTreesTrace } from "./van-trees/van-trees.ts";
