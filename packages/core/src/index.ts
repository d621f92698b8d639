export {
  type CosineDecayOptions,
  constantRate,
  cosineDecay,
  type Schedule,
  type StepDecayOptions,
  stepDecay,
} from "@recon/engine";
export { stack } from "./arrays.ts";
export { writeFileAtomically } from "./atomic-file.ts";
export * from "./attacks/index.ts";
export { audit } from "./audit.ts";
export * from "./bounds/index.ts";
export * from "./certificate/index.ts";
export * from "./defences/index.ts";
export * from "./diagnose/index.ts";
export * from "./discrepancies/index.ts";
export { trainingSize } from "./draw-batch.ts";
export { ReconError } from "./errors.ts";
export * from "./evaluation/index.ts";
export * from "./exact/index.ts";
export { installedPackage, installedPackages } from "./installed-package.ts";
export * from "./judge/index.ts";
export { defaultKnowledge, generalFlags, localTrainingKnowledge } from "./knowledge.ts";
export * from "./linear-algebra/index.ts";
export * from "./metrics/index.ts";
export { modelState } from "./model-state.ts";
export { oneHot } from "./one-hot.ts";
export { type GradientOptions, gradient } from "./operators/gradient.ts";
export { parameterInputs, parametersOf, parameterValues } from "./operators/observation-graph.ts";
export { type StationarityOptions, stationarity } from "./operators/stationarity.ts";
export { type UpdateOptions, update } from "./operators/update.ts";
export { weightDifference } from "./operators/weight-difference.ts";
export {
  checkPlugin,
  type DataToFit,
  definePlugin,
  type Factory,
  type ModelFactory,
  type Plugin,
  type PluginMember,
  pluginMembers,
} from "./plugin.ts";
export { type CorrelatedGaussianOptions, correlatedGaussian } from "./priors/correlated-gaussian.ts";
export { type CompiledDenoiser, compileDenoiser } from "./priors/denoiser.ts";
export { type BoxPenaltyOptions, boxPenalty, type WeightedPrior, weightedSum } from "./priors/energy.ts";
export { type GaussianPrior, type GaussianPriorOptions, gaussian } from "./priors/gaussian.ts";
export { type PriorWeightsOptions, weightsFrom } from "./priors/prior-weights.ts";
export type * from "./problem.ts";
export { type Rng, rng } from "./random.ts";
export { type RunContents, readPicture, readRunFolder } from "./read-run-folder.ts";
export { createRunFolder, type RunFolder, type RunFolderOptions, recordJson } from "./run-folder.ts";
export type { FailureRecord, ResultRecord, RunRecord, ScenarioRecord, StoredPicture } from "./run-record.ts";
export type { AuditEvent, AuditOptions, Scenario } from "./scenario.ts";
export * from "./solvers/index.ts";
export { type TimeLimit, timeLimit } from "./time-limit.ts";
export { type TrainModelOptions, trainModel, type VictimTraining } from "./train-model.ts";
export { fitsInput } from "./victim.ts";
