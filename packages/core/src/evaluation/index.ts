export { type DefendedTrainingOptions, defendedAccuracy, type LabelledItems } from "./defended-training.ts";
export { type EqualStrength, nonDecreasing, strengthAtLoss, type UtilityPoint } from "./equal-utility.ts";
export {
  type BoundOf,
  type DefenceFamily,
  type EvaluationEvent,
  type EvaluationOptions,
  evaluateDefences,
} from "./evaluate-defences.ts";
export type {
  AttackOutcome,
  DefenceCell,
  DefencePair,
  EvaluationRecord,
  PrivacyStatement,
  UtilityCurve,
  UtilityMeasurement,
} from "./evaluation-record.ts";
export { noiseBound } from "./noise-bound.ts";
export { noiseForEpsilons } from "./noise-for-epsilon.ts";
export { pairsOf, strongestAdaptive } from "./paired-defences.ts";
export { type UtilityBudget, utilityCurves } from "./utility-curves.ts";
