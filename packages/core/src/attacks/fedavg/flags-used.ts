import type { Flag, LocalTraining, Problem } from "../../problem.ts";

/** What an attack through local steps used of what it was told: the steps, and `more`. */
export function flagsUsed({ knowledge }: Problem, { describedBy }: LocalTraining, more: readonly Flag[]): Flag[] {
  const used = ["architecture", "weights", "batchSize", ...describedBy, ...more];
  return used.filter((flag) => knowledge[flag] !== undefined);
}
