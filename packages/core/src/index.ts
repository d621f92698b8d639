export {
  type CosineDecayOptions,
  constantRate,
  cosineDecay,
  type Schedule,
  type StepDecayOptions,
  stepDecay,
} from "@recon/engine";
export { writeFileAtomically } from "./atomic-file.ts";
export { analytic } from "./attacks/analytic.ts";
export { applicable } from "./attacks/applicable.ts";
export { type AutomaticOptions, automatic } from "./attacks/automatic.ts";
export { type GradientMatchingOptions, gradientMatching, type SolverSetting } from "./attacks/gradient-matching.ts";
export { layerRecursion } from "./attacks/layer-recursion.ts";
export { givenTargets, recoveredTargets, type TargetEstimate, type Targets } from "./attacks/targets.ts";
export { audit } from "./audit.ts";
export {
  type BatchEvidence,
  certify,
  type Evidence,
  impliedError,
  type JacobianEvidence,
} from "./certificate/certify.ts";
export { type RankBound, type RankBoundInput, rankBound } from "./certificate/rank-bound.ts";
export { type ObservationAccuracy, residualTolerance } from "./certificate/tolerance.ts";
export { type VerdictEvidence, verdictOf } from "./certificate/verdict.ts";
export { type ClipNormOptions, clipNorm } from "./defences/channel/clip.ts";
export { type GaussianNoiseOptions, gaussianNoise } from "./defences/channel/noise.ts";
export { composeDefences } from "./defences/compose.ts";
export { defenceFactories } from "./defences/factories.ts";
export { cosine, type MaskedCosineOptions, maskedCosine } from "./discrepancies/cosine.ts";
export { type CosineLayerOptions, cosineLayer } from "./discrepancies/cosine-layer.ts";
export type { Discrepancy } from "./discrepancies/discrepancy.ts";
export { l1 } from "./discrepancies/l1.ts";
export type { LayerWeighting } from "./discrepancies/layer-weights.ts";
export { type LikelihoodOptions, likelihood } from "./discrepancies/likelihood.ts";
export { squared } from "./discrepancies/squared.ts";
export { type TagOptions, tag } from "./discrepancies/tag.ts";
export { ReconError } from "./errors.ts";
export { fromLayers, type LayerChain, type LayerSources } from "./exact/from-layers.ts";
export { type LabelCountOptions, labelCounts, squaredErrorTarget } from "./exact/label-counts.ts";
export { inputDirection, singleSample } from "./exact/linear-layer.ts";
export { type NumericalRank, type RankOptions, rankTest } from "./exact/rank.ts";
export {
  type LayerReport,
  type RecursionConvolution,
  type RecursionLayer,
  type RecursionLinear,
  type RecursionOptions,
  type RecursionValue,
  recursion,
} from "./exact/recursion.ts";
export { type ExactResult, unitRoundoff } from "./exact/result.ts";
export { type Floor, floorOf, type Scores, scoresOf } from "./judge/floor.ts";
export { type BootstrapOptions, bootstrap, type Interval, pairedBootstrap } from "./judge/interval.ts";
export { type JudgedItem, judge } from "./judge/judge.ts";
export { assign } from "./judge/match.ts";
export { defaultKnowledge, generalFlags } from "./knowledge.ts";
export { type CholeskyOptions, cholesky, choleskySolve, smallestEigenvalue } from "./linear-algebra/cholesky.ts";
export { type LeastSquares, leastSquares } from "./linear-algebra/least-squares.ts";
export {
  appendColumn,
  block,
  identityMatrix,
  type Matrix,
  matrix,
  matrixOf,
  transposed,
} from "./linear-algebra/matrix.ts";
export {
  type ExecutorProduct,
  executorProduct,
  type MatrixProduct,
  multiply,
  type ProductOptions,
  plainProduct,
} from "./linear-algebra/multiply.ts";
export { type QrFactors, qr } from "./linear-algebra/qr.ts";
export { type SingularValues, svd, topSingular } from "./linear-algebra/svd.ts";
export { modelState } from "./model-state.ts";
export { type GradientOptions, gradient } from "./operators/gradient.ts";
export { definePlugin, type Factory, type ModelFactory, type Plugin } from "./plugin.ts";
export { type BoxPenaltyOptions, boxPenalty, type WeightedPrior, weightedSum } from "./priors/energy.ts";
export type * from "./problem.ts";
export { type Rng, rng } from "./random.ts";
export { type RunContents, readPicture, readRunFolder } from "./read-run-folder.ts";
export { createRunFolder, type RunFolder, type RunFolderOptions, recordJson } from "./run-folder.ts";
export type { FailureRecord, ResultRecord, RunRecord, ScenarioRecord, StoredPicture } from "./run-record.ts";
export type { AuditEvent, AuditOptions, Scenario } from "./scenario.ts";
export { type AdamOptions, scaleByAdam } from "./solvers/adam.ts";
export { type Box, type Projection, type Projector, projectBox } from "./solvers/box.ts";
export { descent } from "./solvers/descent.ts";
export { type LangevinOptions, langevin } from "./solvers/langevin.ts";
export type { Layout, LayoutPart } from "./solvers/layout.ts";
export { type LbfgsOptions, lbfgs } from "./solvers/lbfgs.ts";
export { type DescentOptions, type MinimiseOptions, minimise } from "./solvers/minimise.ts";
export type { Evaluation, Objective } from "./solvers/objective.ts";
export {
  type RestartProgress,
  type RestartRecord,
  type RestartsOptions,
  type RestartsResult,
  restarts,
} from "./solvers/restarts.ts";
export { scale } from "./solvers/scale.ts";
export { hardSign, softSign } from "./solvers/sign.ts";
export {
  finish,
  type Minimisation,
  type Outcome,
  type SavedState,
  type Solver,
  type SolverEvent,
  type SolverProgress,
  type SolverResult,
} from "./solvers/solver.ts";
export { startTrace, type Trace } from "./solvers/trace.ts";
export { chain, type StepPosition, stateless, type Transform, type TransformState } from "./solvers/transform.ts";
