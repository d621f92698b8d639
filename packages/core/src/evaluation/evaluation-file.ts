/** The file of a run folder that holds the evaluation of a scenario; ids that no file may be called get their safe letters only. */
export function evaluationFile(scenario: string): string {
  return `evaluation-${scenario.replace(/[^A-Za-z0-9_-]+/g, "-")}.json`;
}

/** Whether a file of a run folder is an evaluation. */
export function isEvaluationFile(name: string): boolean {
  return /^evaluation-[A-Za-z0-9_-]*\.json$/.test(name);
}
