import { defenceFactories, definePlugin, type Flag, gradient, type Plugin } from "@recon/core";

/** Knowledge that makes sense for data of any sort. `trueMatching` is left out on purpose: an audit never grants it. */
const generalFlags: readonly Flag[] = [
  "activeServer",
  "architecture",
  "auxiliaryData",
  "batchSize",
  "clipScale",
  "defenceKind",
  "defenceParams",
  "inputRange",
  "labelCounts",
  "labels",
  "localLr",
  "localSchedule",
  "localSteps",
  "lossKind",
  "lossReduction",
  "mask",
  "momentum",
  "priorModel",
  "trainMode",
  "weightDistribution",
  "weights",
];

/** What core itself brings, in the form of a plugin; it is always loaded, and its names are `core/...` where another package has the same. */
export const corePlugin: Plugin = definePlugin({
  specVersion: 1,
  name: "core",
  operators: { gradient: () => gradient() },
  defences: defenceFactories,
  flags: generalFlags,
});
