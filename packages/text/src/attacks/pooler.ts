import type { Applicability, Attack, Prior, Problem } from "@recon/core";
import { checkOptions, positive } from "@recon/core/options";
import { relaxable } from "./lamp/relaxed-attack.ts";
import { lamp } from "./lamp.ts";
import { poolerOf } from "./pooler/pooler-inputs.ts";
import { outlookSentence, poolerOutlook } from "./pooler/pooler-outlook.ts";

export interface PoolerOptions {
  /** Weight of the term that holds the vectors, .5 unless said. */
  readonly weight?: number;
}

/**
 * Sentences by way of the vectors at the pooler: these are read off the gradients of pooler and classifier, and the texts are then searched for as by `lamp`, with
 * the vectors as one more term and their assignment to the texts found on the way.
 *
 * It works on a pooler as it is, whose gradient spans the vectors exactly, and on one that the server has widened, which needs `activeServer`. What rounding makes
 * of the vectors is foreseen before; `poolerInputs` gives the vectors alone.
 *
 * @param priors as for `lamp`.
 * @throws ReconError `bad-option`.
 * @see Li, Liu & Lei, "Beyond Gradient and Priors in Privacy Attacks: Leveraging Pooler Layer Inputs of Language Models in Federated Learning", 2023.
 */
export function pooler(options: PoolerOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("pooler", options, { weight: positive() });
  const { weight = 0.5 } = options;
  const search = lamp({ pooler: true, featureWeight: weight }, priors);
  return {
    ...search,
    name: "pooler",
    options: { weight, priors: priors.map((prior) => prior.name) },
    cite: "Li, Liu & Lei, Beyond Gradient and Priors in Privacy Attacks: Leveraging Pooler Layer Inputs of Language Models in Federated Learning, 2023",
    applies,
    foresee: async (problem, context) =>
      outlookSentence(await poolerOutlook(problem, context), problem.observationPrecision),
    run: async function* (problem, context) {
      const server = problem.knowledge.activeServer === undefined ? [] : ["activeServer"];
      for await (const event of search.run(problem, context)) {
        yield event.kind === "progress"
          ? { ...event, message: "pooler" }
          : { ...event, given: [...event.given, ...server.filter((flag) => !event.given.includes(flag))] };
      }
    },
  };
}

function applies(problem: Problem): Applicability {
  const layer = poolerOf(problem);
  return "reason" in layer ? layer : relaxable(problem);
}
