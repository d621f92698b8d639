export { type DiagnoseContext, diagnose } from "./diagnose.ts";
export type { Diagnosis, JacobianFinding } from "./diagnosis.ts";
export { denseJacobian, type JacobianOptions, type JacobianPoint, type Unknown } from "./jacobian.ts";
export { type JacobianEvidenceOptions, jacobianEvidence, type MeasuredEvidence } from "./jacobian-evidence.ts";
export type { BatchFinding, LayerRank } from "./layer-ranks.ts";
export { type LayerCount, type RankCount, type RankCountOptions, rankCount } from "./rank-count.ts";
export type { SolverOutlook } from "./solver-outlook.ts";
export type { SpectrumPoints } from "./spectrum.ts";
export { undeterminedClause } from "./summary.ts";
