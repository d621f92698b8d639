export { type AdamOptions, scaleByAdam } from "./adam.ts";
export { type Box, type Projection, type Projector, projectBox } from "./box.ts";
export { byArray } from "./by-array.ts";
export { effectiveSamples, type ScalarChains, splitRHat } from "./chain-diagnostics.ts";
export { descent } from "./descent.ts";
export { type DualAveragingOptions, dualAveraging, type StepSize, type StepSizeState } from "./dual-averaging.ts";
export type { FlatEvaluation } from "./evaluator.ts";
export { type EvolutionOptions, evolutionStrategy, type Generation } from "./evolution-strategy.ts";
export {
  type ChainPoint,
  type HamiltonianOptions,
  hamiltonian,
  type PopulationDensity,
  type PopulationSampler,
  type Transition,
} from "./hamiltonian.ts";
export { type LangevinOptions, langevin } from "./langevin.ts";
export type { Layout, LayoutPart } from "./layout.ts";
export { type LbfgsOptions, lbfgs } from "./lbfgs.ts";
export {
  type LevenbergMarquardtOptions,
  type LevenbergMarquardtProblem,
  type LevenbergMarquardtResult,
  type Linearisation,
  levenbergMarquardt,
} from "./levenberg-marquardt.ts";
export { denseMass, diagonalMass, type Mass } from "./mass.ts";
export { type DescentOptions, type MinimiseOptions, minimise } from "./minimise.ts";
export { noiseLevels } from "./noise-levels.ts";
export type { Evaluation, Objective } from "./objective.ts";
export { type PosteriorSamplingSetting, type PosteriorSamplingStep, posteriorSampling } from "./posterior-sampling.ts";
export { type ReduceOnPlateauOptions, reduceOnPlateau } from "./reduce-on-plateau.ts";
export {
  type RestartProgress,
  type RestartRecord,
  type RestartsOptions,
  type RestartsResult,
  restarts,
} from "./restarts.ts";
export { type SampleChainsOptions, type SampledChains, type SampleProgress, sampleChains } from "./sample-chains.ts";
export { scale } from "./scale.ts";
export { hardSign, softSign } from "./sign.ts";
export {
  finish,
  type Minimisation,
  type Outcome,
  type SavedState,
  type Solver,
  type SolverEvent,
  type SolverProgress,
  type SolverResult,
} from "./solver.ts";
export { startTrace, type Trace } from "./trace.ts";
export { chain, type StepPosition, stateless, type Transform, type TransformState } from "./transform.ts";
