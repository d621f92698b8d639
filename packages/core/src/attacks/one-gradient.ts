import { ReconError } from "../errors.ts";
import type { Attack, Problem } from "../problem.ts";
import { surrogate } from "./fedavg/surrogate.ts";

/**
 * The problem as one of a gradient: itself, or, of a change of weights after one step on all samples, U = −η G without anything else in it, that of G. A reason
 * where an update is more than that: then no gradient was sent that could be read off or taken apart.
 */
export function oneGradient(problem: Problem): { readonly seen: Problem } | { readonly reason: string } {
  const { operator, knowledge, defences } = problem;
  if (operator.observes !== "difference") return { seen: problem };
  const batch = knowledge.batchSize;
  if (operator.localTraining === undefined || typeof batch !== "number")
    return { reason: "it reads one gradient, and a difference of weights was sent whose steps are not known" };
  const { drift, steps, describedBy } = operator.localTraining(batch);
  const untold = describedBy.filter((flag) => knowledge[flag] === undefined);
  if (untold.length > 0) return { reason: `the step that was taken is known only with ${untold.join(", ")}` };
  if (steps.length > 1)
    return { reason: `it reads one gradient, and those of ${steps.length} steps were sent as one difference` };
  if (drift !== 0) return { reason: "it reads one gradient, and the decay of the weights was sent with it" };
  if (defences.length > 0)
    return { reason: "it reads one gradient, and the defences act on a difference of weights instead" };
  return { seen: surrogate(problem, { drift, steps, describedBy }, 0) };
}

/** An attack on one gradient that also takes an update which is nothing else. */
export function takingOneGradient(attack: Attack): Attack {
  return {
    ...attack,
    applies: (problem) => {
      const one = oneGradient(problem);
      return "seen" in one ? attack.applies(one.seen) : one;
    },
    run: (problem, context) => {
      const one = oneGradient(problem);
      if ("reason" in one)
        throw new ReconError("attack-does-not-apply", `${attack.name} does not apply here: ${one.reason}.`);
      return attack.run(one.seen, context);
    },
  };
}
