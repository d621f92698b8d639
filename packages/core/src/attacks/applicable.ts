import type { Applicability, Attack, Problem } from "../problem.ts";

/** Whether an attack can run on a problem: it has the knowledge it needs, and its own conditions hold. */
export function applicable(attack: Attack, problem: Problem): Applicability {
  const missing = attack.needs.filter((flag) => problem.knowledge[flag] === undefined);
  if (missing.length > 0) return { reason: `it needs to be told ${missing.join(", ")}` };
  return attack.applies(problem);
}
