export { analytic } from "./analytic.ts";
export { applicable } from "./applicable.ts";
export { attackFactories } from "./attack-factories.ts";
export { type AutomaticOptions, automatic } from "./automatic.ts";
export { type Conclusion, clause, conclude, type Findings, knownNoise } from "./conclude.ts";
export { firstCutLayer } from "./cut-layer.ts";
export { type CutLayerInputs, determined, type NoInputs } from "./cut-layer-claims.ts";
export { type CutLayerOptions, cutLayerInputs } from "./cut-layer-inputs.ts";
export { type CutLayerOutlook, cutLayerOutlook } from "./cut-layer-outlook.ts";
export { type DiffusionPosteriorSamplingOptions, diffusionPosteriorSampling } from "./diffusion-posterior-sampling.ts";
export { exactAttacks } from "./exact-attacks.ts";
export type { FeatureTerm } from "./feature-term.ts";
export { type FedavgOptions, fedavg } from "./fedavg.ts";
export { expectedObservation, type Fit, fitOf } from "./forward.ts";
export { type GaussNewtonOptions, gaussNewton } from "./gauss-newton.ts";
export { type GglOptions, ggl } from "./ggl.ts";
export { type GiasOptions, gias } from "./gias.ts";
export { type GradientMatchingOptions, gradientMatching, type SolverSetting } from "./gradient-matching.ts";
export { headFeatures } from "./head-features.ts";
export { headUnmixing } from "./head-unmixing.ts";
export { independentComponents } from "./independent-components.ts";
export { keptEntries } from "./kept-entries.ts";
export { type KktOptions, kkt } from "./kkt.ts";
export { layerInputValues } from "./layer-input-values.ts";
export { layerRecursion } from "./layer-recursion.ts";
export {
  type Candidate,
  compileMatching,
  type Matching,
  type MatchingEvaluation,
  type MatchingParts,
  type Penalty,
  type Start,
  standardNormal,
} from "./matching.ts";
export { type MaximumAPosterioriOptions, maximumAPosteriori } from "./maximum-a-posteriori.ts";
export { type TracedModel, traceModel } from "./model-layers.ts";
export { type PlugAndPlayAttackOptions, plugAndPlay } from "./plug-and-play.ts";
export { type PosteriorSamplingOptions, posterior } from "./posterior.ts";
export type { PosteriorOptions } from "./posterior-setting.ts";
export { type CredibleInterval, credibleInterval, posteriorQuantiles } from "./posterior-summary.ts";
export {
  forecastOf,
  type ReadableEntries,
  type ReadableEntriesOptions,
  rangesOf,
  readableEntries,
} from "./readable-entries.ts";
export { spanIntersection } from "./span-intersection.ts";
export { spear } from "./spear.ts";
export { givenTargets, recoveredTargets, type TargetEstimate, type Targets } from "./targets.ts";
export { type TensorAttackOptions, tensor } from "./tensor.ts";
export { type VisibleEntriesOptions, visibleEntries } from "./visible.ts";
