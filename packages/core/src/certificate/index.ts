export {
  type BatchEvidence,
  certify,
  type Evidence,
  impliedError,
  type JacobianEvidence,
} from "./certify.ts";
export { type RankBound, type RankBoundInput, rankBound } from "./rank-bound.ts";
export { type ObservationAccuracy, residualTolerance } from "./tolerance.ts";
export { type VerdictEvidence, verdictOf } from "./verdict.ts";
