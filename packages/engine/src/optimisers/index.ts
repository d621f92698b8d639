export { type AdamMoments, type AdamOptions, adam, adamW, scaleByAdam } from "./adam.ts";
export { chain } from "./chain.ts";
export type { Optimiser, StepPosition, Update, UpdateSite } from "./optimiser.ts";
export { scale } from "./scale.ts";
export {
  type CosineDecayOptions,
  constantRate,
  cosineDecay,
  type Schedule,
  type StepDecayOptions,
  stepDecay,
} from "./schedule.ts";
export { decayWeights, type MomentumOptions, momentum, type SgdOptions, sgd } from "./sgd.ts";
export { hardSign, softSign } from "./sign.ts";
