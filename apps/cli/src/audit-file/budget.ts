import type { Budget } from "@recon/core";
import type { AuditFile } from "./audit-file.ts";

/** Enough for a small network, minutes for a large one; a file that needs more says so. */
const defaultEvaluations = 2000;

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The limits of one attack: `2000`, or `{ evaluations: 2000, time_limit: 90s }`. */
export function budgetOf(budget: AuditFile["budget"]): Budget {
  if (budget === undefined || typeof budget === "number") return { evaluations: budget ?? defaultEvaluations };
  const evaluations = budget.evaluations ?? defaultEvaluations;
  return budget.time_limit === undefined
    ? { evaluations }
    : { evaluations, timeLimitMs: milliseconds(budget.time_limit) };
}

/** `90s`, `1.5m` or `250ms` in milliseconds. The schema has checked the form. */
function milliseconds(time: string): number {
  const unit = time.replace(/^[\d.]+/, "");
  return Number(time.slice(0, -unit.length)) * unitMs[unit]!;
}
