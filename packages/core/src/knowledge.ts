import type { Flag } from "./problem.ts";

/** Knowledge that makes sense for data of any sort. `trueMatching` is left out on purpose: an audit never grants it. */
export const generalFlags: readonly Flag[] = [
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
  "weightDecay",
  "weightDistribution",
  "weights",
];

/** What an attacker on the server's side knows without being told more: the model it sent, the protocol, and the defences it agreed to. */
export const defaultKnowledge: readonly Flag[] = [
  "architecture",
  "weights",
  "lossKind",
  "lossReduction",
  "batchSize",
  "inputRange",
  "defenceKind",
  "defenceParams",
];

/** The same of an attacker who also agreed with the client on its local training. */
export const localTrainingKnowledge: readonly Flag[] = [
  ...defaultKnowledge,
  "localSteps",
  "localLr",
  "localSchedule",
  "momentum",
  "weightDecay",
];
