import type { Factory } from "../plugin.ts";
import type { Defence } from "../problem.ts";
import { type ClipNormOptions, clipNorm } from "./channel/clip.ts";
import { type ClipEntryOptions, clipEntry } from "./channel/clip-entry.ts";
import { type LaplaceNoiseOptions, laplaceNoise } from "./channel/laplace.ts";
import { type GaussianNoiseOptions, gaussianNoise } from "./channel/noise.ts";
import { type PruneMagnitudeOptions, pruneMagnitude, type TopKOptions, topK } from "./channel/prune-magnitude.ts";
import { type PruneRandomOptions, pruneRandom } from "./channel/prune-random.ts";
import { type QuantiseOptions, quantise } from "./channel/quantise.ts";
import { sign } from "./channel/sign.ts";
import { type DpSgdOptions, dpSgd } from "./dp-sgd.ts";
import { type OptimalNoiseOptions, optimalNoise } from "./fitted/optimal-noise.ts";
import { type OptimalPruningOptions, optimalPruning } from "./fitted/optimal-pruning.ts";
import { type SoteriaOptions, soteria } from "./fitted/soteria.ts";
import { type BottleneckOptions, bottleneck } from "./model/bottleneck.ts";
import { type DropoutOptions, dropout } from "./model/dropout.ts";
import { type ClipPerSampleOptions, clipPerSample } from "./operator/clip-per-sample.ts";
import { type SecureAggregationOptions, secureAggregation } from "./operator/secure-aggregation.ts";

/** Core's defences by name, from JSON options; each checks its options and names what is wrong. */
export const defenceFactories: Readonly<Record<string, Factory<Defence>>> = {
  bottleneck: (options) => bottleneck(options as unknown as BottleneckOptions),
  dropout: (options) => dropout(options as unknown as DropoutOptions),
  "optimal-noise": (options) => optimalNoise(options as unknown as OptimalNoiseOptions),
  "optimal-pruning": (options) => optimalPruning(options as unknown as OptimalPruningOptions),
  soteria: (options) => soteria(options as unknown as SoteriaOptions),
  "clip-norm": (options) => clipNorm(options as unknown as ClipNormOptions),
  "clip-per-sample": (options) => clipPerSample(options as unknown as ClipPerSampleOptions),
  "dp-sgd": (options) => dpSgd(options as unknown as DpSgdOptions),
  "laplace-noise": (options) => laplaceNoise(options as unknown as LaplaceNoiseOptions),
  "secure-aggregation": (options) => secureAggregation(options as unknown as SecureAggregationOptions),
  "clip-entry": (options) => clipEntry(options as unknown as ClipEntryOptions),
  "prune-magnitude": (options) => pruneMagnitude(options as unknown as PruneMagnitudeOptions),
  "prune-random": (options) => pruneRandom(options as unknown as PruneRandomOptions),
  quantise: (options) => quantise(options as unknown as QuantiseOptions),
  sign: (options) => sign(options as unknown as object),
  "top-k": (options) => topK(options as unknown as TopKOptions),
  "gaussian-noise": (options) => gaussianNoise(options as unknown as GaussianNoiseOptions),
};
