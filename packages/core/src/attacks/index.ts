export { analytic } from "./analytic.ts";
export { applicable } from "./applicable.ts";
export { type AutomaticOptions, automatic } from "./automatic.ts";
export { exactAttacks } from "./exact-attacks.ts";
export { type GradientMatchingOptions, gradientMatching, type SolverSetting } from "./gradient-matching.ts";
export { layerRecursion } from "./layer-recursion.ts";
export { givenTargets, recoveredTargets, type TargetEstimate, type Targets } from "./targets.ts";
export { type TensorAttackOptions, tensor } from "./tensor.ts";
export { type VisibleEntriesOptions, visibleEntries } from "./visible.ts";
