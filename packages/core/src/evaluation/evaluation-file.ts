import { createHash } from "node:crypto";

const longest = 80;

/** The file of a run folder that holds the evaluation of a scenario. An id that no file should be called is cut to its safe letters, and told apart by a hash. */
export function evaluationFile(scenario: string): string {
  const safe = scenario.replace(/[^A-Za-z0-9_-]+/g, "-").slice(0, longest);
  const name = safe === scenario ? safe : `${safe}-${createHash("sha256").update(scenario).digest("hex").slice(0, 12)}`;
  return `evaluation-${name}.json`;
}

/** Whether a file of a run folder is an evaluation. */
export function isEvaluationFile(name: string): boolean {
  return /^evaluation-[A-Za-z0-9_-]*\.json$/.test(name);
}
