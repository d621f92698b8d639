export { type AuditCaseOptions, auditCase, measurementOf } from "./audit-case.ts";
export type { BenchCase, Measurement, Target, TrialContext } from "./bench-case.ts";
export {
  type BenchLine,
  type BenchSummary,
  benchLine,
  benchSummary,
  failedMeasurement,
  meets,
  type RunFacts,
  type Spread,
} from "./bench-line.ts";
export { type BenchApp, benchCommand } from "./command.ts";
export { type RunOptions, run, selectCases } from "./run.ts";
export { seedRow, summaryRow, tableHeading } from "./table.ts";
