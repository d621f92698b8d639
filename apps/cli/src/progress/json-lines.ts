import { type FailureRecord, type ResultRecord, recordJson, type ScenarioRecord } from "@recon/core";
import type { AttackSummary } from "./summary.ts";

/** A diagnosis, or why there is none. */
export type DiagnosisFinding = Pick<ScenarioRecord, "diagnosis" | "noDiagnosis">;

/** Versions that a measurement depends on. */
export type Versions = Readonly<Record<string, string>>;

/** A result as one line of JSON, in the form that the benchmarks use too. */
export function resultLine(record: Omit<ResultRecord, "pictures">, versions: Versions): string {
  const { scenario, trace: _, observed, ...rest } = record;
  return recordJson({ app: "cli", case: scenario, ...rest, observed, versions: asShown(versions) });
}

/** What can be known before attacking, as one line of JSON. */
export function diagnosisLine(scenario: string, finding: DiagnosisFinding, versions: Versions): string {
  return recordJson({ app: "cli", case: scenario, ...finding, versions: asShown(versions) });
}

/** A trial that failed as one line of JSON. */
export function failureLine(record: FailureRecord, versions: Versions): string {
  const { scenario, ...rest } = record;
  return recordJson({ app: "cli", case: scenario, ...rest, versions: asShown(versions) });
}

/** The last line: what the run came to, and where it is. */
export function summaryLine(end: {
  readonly status: string;
  readonly run: string;
  readonly report: string | null;
  readonly seed: number;
  readonly seconds: number;
  readonly results: number;
  readonly failures: number;
  readonly cases: readonly AttackSummary[];
  readonly versions: Versions;
}): string {
  return recordJson({ app: "cli", summary: true, ...end, versions: asShown(end.versions) });
}

/** The benchmarks write the number of threads as a number. */
function asShown(versions: Versions): Readonly<Record<string, string | number>> {
  return { ...versions, threads: Number(versions.threads) };
}
