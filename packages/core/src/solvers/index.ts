export { type AdamOptions, scaleByAdam } from "./adam.ts";
export { type Box, type Projection, type Projector, projectBox } from "./box.ts";
export { descent } from "./descent.ts";
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
export { type DescentOptions, type MinimiseOptions, minimise } from "./minimise.ts";
export type { Evaluation, Objective } from "./objective.ts";
export {
  type RestartProgress,
  type RestartRecord,
  type RestartsOptions,
  type RestartsResult,
  restarts,
} from "./restarts.ts";
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
