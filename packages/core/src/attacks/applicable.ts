import type { Applicability, Attack, Problem } from "../problem.ts";

/** Whether an attack can run on a problem: it has the knowledge it needs, it solves for all that is unknown, and its own conditions hold. */
export function applicable(attack: Attack, problem: Problem): Applicability {
  const missing = attack.needs.filter((flag) => problem.knowledge[flag] === undefined);
  if (missing.length > 0) return { reason: `it needs to be told ${missing.join(", ")}` };
  const open = Object.keys(problem.operator.latents ?? {}).filter((name) => !attack.latents?.includes(name));
  if (open.length > 0) return { reason: `it does not solve for the ${open.join(", ")} of ${problem.operator.name}` };
  return attack.applies(problem);
}
