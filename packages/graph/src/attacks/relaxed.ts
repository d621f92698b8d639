import {
  type Applicability,
  type Attack,
  chain,
  clause,
  conclude,
  cosine,
  descent,
  fitOf,
  givenTargets,
  gradientMatching,
  type Problem,
  type Progress,
  recoveredTargets,
  type Solution,
  scale,
  scaleByAdam,
  squared,
  type TargetEstimate,
} from "@recon/core";
import { type Checks, checkOptions, integer, oneOf, positive, real } from "@recon/core/options";
import type { NdArray } from "@recon/engine";
import { type GraphDomain, isGraphDomain } from "../domain.ts";
import { edgeSparsity, featureSmoothness } from "./relaxed/graph-energies.ts";
import { nearestGraphs } from "./relaxed/nearest-graphs.ts";
import { relaxedGraphs } from "./relaxed/relaxed-graphs.ts";
import { type ToldGraphs, toldGraphs } from "./relaxed/told-graphs.ts";

export interface RelaxedOptions {
  /** How gradients are compared: by their angle unless said, or by squared differences. */
  readonly discrepancy?: "cosine" | "squared";
  /** Adam's step in the logits, .1 unless said. */
  readonly rate?: number;
  /** Weight of the difference between neighbours' features, 0 unless said. */
  readonly smoothness?: number;
  /** Weight of the share of pairs with an edge, 0 unless said. */
  readonly sparsity?: number;
  /** Starts, 1 unless said. */
  readonly restarts?: number;
}

const checks: Checks<RelaxedOptions> = {
  discrepancy: oneOf(["cosine", "squared"]),
  rate: positive(),
  smoothness: real(0),
  sparsity: real(0),
  restarts: integer(1),
};

const distances = { cosine, squared };

/**
 * Gradient matching over graphs between graphs: every one-hot group of a node's features is a softmax, every possible edge a sigmoid. What the search ends at is rounded to the
 * nearest graphs, and these are judged by the gradient that they would have caused.
 *
 * It is told how many nodes there are, or the adjacency, or the features, and searches for what is left.
 *
 * @throws ReconError `bad-option`.
 * @see M. Drencheva et al., "GRAIN: exact graph reconstruction from gradients", ICLR 2025, whose baselines these are, after L. Zhu et al., "Deep leakage from gradients", NeurIPS
 * 2019.
 */
export function relaxed(options: RelaxedOptions = {}): Attack {
  checkOptions("relaxed", options, checks);
  const { discrepancy = "cosine", rate = 0.1, smoothness = 0, sparsity = 0, restarts = 1 } = options;
  const search = (domain: GraphDomain, told: ToldGraphs): Attack =>
    gradientMatching({
      name: "relaxed",
      cite: "",
      options: {},
      discrepancy: distances[discrepancy],
      priors: () => [
        relaxedGraphs(domain.table, told),
        ...(smoothness > 0 ? [featureSmoothness(smoothness)] : []),
        ...(sparsity > 0 ? [edgeSparsity(sparsity)] : []),
      ],
      targets: targetsOf,
      solver: () => descent({ update: chain(scaleByAdam(), scale(rate)) }),
      restarts,
    });
  return {
    name: "relaxed",
    options: { discrepancy, rate, smoothness, sparsity, restarts },
    cite: "Gradient matching over relaxed graphs, after Zhu et al., Deep leakage from gradients, NeurIPS 2019",
    needs: ["architecture", "weights", "batchSize"],
    applies,
    run: async function* (problem, context): AsyncGenerator<Progress | Solution, void> {
      const domain = problem.domain as GraphDomain;
      const told = toldGraphs(problem) as ToldGraphs;
      for await (const event of search(domain, told).run(relaxedProblem(problem, domain, told), context)) {
        if (event.kind === "progress") {
          yield event;
          continue;
        }
        const value = { ...event.value, input: nearestGraphs(event.value.input!, domain, told) };
        const { residual } = await fitOf(problem, context.executor, value as { input: NdArray; target: NdArray });
        yield {
          ...event,
          value,
          residual,
          given: [...new Set([...event.given, ...told.given])],
          ...conclude(problem, { residual, samples: told.sizes.length, ended: clause(event.reason) }),
        };
      }
    },
  };
}

/** Classes of graphs are read off the head; those of nodes, of which the head sees the mean alone, are told. */
const targetsOf: TargetEstimate = (problem, batch) =>
  (problem.model.target.shape.length === 1 ? recoveredTargets : givenTargets)(problem, batch);

function applies(problem: Problem): Applicability {
  const { domain, knowledge } = problem;
  if (!isGraphDomain(domain)) return { reason: `the data is of the domain ${domain.name} and not graphs` };
  const told = toldGraphs(problem);
  if ("reason" in told) return told;
  if (told.adjacency !== undefined && told.features !== undefined) return { reason: "it was told the whole graph" };
  const targets = targetsOf(problem, knowledge.batchSize as number);
  return "reason" in targets ? targets : true;
}

/** The problem of graphs of the told extents, between which a search may move. */
function relaxedProblem(problem: Problem, { features }: GraphDomain, { sizes }: ToldGraphs): Problem {
  const { model } = problem;
  const nodes = Math.max(...sizes);
  return { ...problem, model: { ...model, input: { shape: [nodes, features + nodes] } } };
}
