export { type ClipNormOptions, clipNorm } from "./channel/clip.ts";
export { type ClipEntryOptions, clipEntry } from "./channel/clip-entry.ts";
export { type LaplaceNoiseOptions, laplaceNoise } from "./channel/laplace.ts";
export { type GaussianNoiseOptions, gaussianNoise } from "./channel/noise.ts";
export {
  type PruneMagnitudeOptions,
  type PruneScope,
  pruneMagnitude,
  type TopKOptions,
  topK,
} from "./channel/prune-magnitude.ts";
export { type PruneRandomOptions, pruneRandom } from "./channel/prune-random.ts";
export { type QuantiseOptions, quantise } from "./channel/quantise.ts";
export { sign } from "./channel/sign.ts";
export { composeDefences } from "./compose.ts";
export { type DpSgdOptions, dpSgd } from "./dp-sgd.ts";
export { defenceFactories } from "./factories.ts";
export { type OptimalNoiseOptions, optimalNoise } from "./fitted/optimal-noise.ts";
export { type OptimalPruningOptions, optimalPruning } from "./fitted/optimal-pruning.ts";
export { observationSensitivity } from "./fitted/sensitivity.ts";
export { type SoteriaOptions, soteria } from "./fitted/soteria.ts";
export { type BottleneckOptions, bottleneck } from "./model/bottleneck.ts";
export { type DropoutOptions, dropout } from "./model/dropout.ts";
export { type ClipPerSampleOptions, clipPerSample } from "./operator/clip-per-sample.ts";
export { type SecureAggregationOptions, secureAggregation } from "./operator/secure-aggregation.ts";
export { type AccountedTraining, type PrivacyOutcome, privacyOf, trainingFacts } from "./privacy.ts";
