import { stepDecay } from "@recon/engine";
import { cosine } from "../../discrepancies/cosine.ts";
import type { AttackContext, LocalTraining, Prior, Problem, Progress, Solution } from "../../problem.ts";
import { projectBox } from "../../solvers/box.ts";
import { descent } from "../../solvers/descent.ts";
import { chain, hardSign, scale, scaleByAdam } from "../../solvers/index.ts";
import { clause, conclude } from "../conclude.ts";
import { fitOf } from "../forward.ts";
import { gradientMatching } from "../gradient-matching.ts";
import { givenTargets, recoveredTargets } from "../targets.ts";
import { surrogate } from "./surrogate.ts";

/** Where on the way from the old weights to the new the surrogate looks. */
const middle = 0.5;

/**
 * Matches the change of the weights by its cosine, through all local steps or as one gradient at the middle of the way, by Adam on the sign of the gradient.
 *
 * Labels that no one told are read off the surrogate's gradient, or else searched for too.
 */
export async function* searchSteps(
  problem: Problem,
  training: LocalTraining,
  context: AttackContext,
  { steps, rate }: { readonly steps: "unrolled" | "surrogate"; readonly rate: number },
  priors: readonly Prior[],
): AsyncGenerator<Progress | Solution, void> {
  const batch = problem.knowledge.batchSize as number;
  const between = surrogate(problem, training, middle);
  const told = givenTargets(problem, batch);
  const targets = "value" in told ? told : recoveredTargets(between, batch);
  const search = gradientMatching({
    name: "fedavg",
    cite: "Geiping, Bauermeister, Dröge & Moeller, Inverting Gradients, NeurIPS 2020",
    options: { steps, rate },
    needs: training.describedBy,
    discrepancy: () => cosine(),
    priors: () => priors,
    targets: "value" in targets ? () => targets : "joint",
    solver: ({ box }) =>
      descent({
        update: chain(hardSign(), scaleByAdam(), scale(stepDecay({ rate }))),
        ...(box && { project: projectBox(box) }),
      }),
  });
  for await (const event of search.run(steps === "surrogate" ? between : problem, context)) {
    if (event.kind === "progress" || steps === "unrolled") yield event;
    else {
      // What explains the surrogate explains the update only about.
      const { input, target } = event.value;
      const { residual } = await fitOf(problem, context.executor, { input: input!, target: target! });
      yield { ...event, residual, ...conclude(problem, { residual, samples: batch, ended: clause(event.reason) }) };
    }
  }
}
