import {
  type Applicability,
  type Attack,
  type AttackContext,
  chain,
  clause,
  conclude,
  cosine,
  descent,
  fitOf,
  givenTargets,
  gradientMatching,
  type Prior,
  type Problem,
  type Progress,
  recoveredTargets,
  type Solution,
  type StructurePrior,
  type StructureScorer,
  scale,
  scaleByAdam,
  squared,
  type TargetEstimate,
} from "@recon/core";
import { type Checks, checkOptions, integer, oneOf, positive, real } from "@recon/core/options";
import { type GraphDomain, isGraphDomain } from "../domain.ts";
import { exchangeNodes } from "./relaxed/exchange-nodes.ts";
import { softFeatures } from "./relaxed/exchanges.ts";
import { edgeSparsity, featureSmoothness } from "./relaxed/graph-energies.ts";
import { batchOfGraphs, nearestGraphs } from "./relaxed/nearest-graphs.ts";
import { nodeMixtures } from "./relaxed/node-mixtures.ts";
import { relaxedGraphs } from "./relaxed/relaxed-graphs.ts";
import { type ToldGraphs, toldGraphs } from "./relaxed/told-graphs.ts";

export interface RelaxedOptions {
  /** How gradients are compared: by their angle unless said, or by squared differences. */
  readonly discrepancy?: "cosine" | "squared";
  /** Adam's step in the logits, .3 unless said. */
  readonly rate?: number;
  /** Weight of the difference between neighbours' features, 0 unless said. */
  readonly smoothness?: number;
  /** Weight of the share of pairs with an edge, 0 unless said. */
  readonly sparsity?: number;
  /** Starts, 1 unless said. */
  readonly restarts?: number;
  /** Share of the evaluations that go to exchanging nodes of the rounded graphs; .2 with a prior and 0 without unless said. */
  readonly exchanges?: number;
}

const checks: Checks<RelaxedOptions> = {
  discrepancy: oneOf(["cosine", "squared"]),
  rate: positive(),
  smoothness: real(0),
  sparsity: real(0),
  restarts: integer(1),
  exchanges: real(0, 0.9),
};

const generalNeeds: readonly string[] = ["architecture", "weights", "batchSize"];

const distances = { cosine, squared };

/**
 * Gradient matching over graphs between graphs: every one-hot group of a node's features is a softmax, every possible edge a sigmoid. What the search ends at is rounded to the
 * nearest graphs, and these are judged by the gradient that they would have caused.
 *
 * It is told how many nodes there are, or the adjacency, or the features, and searches for what is left. With a prior over structures and the adjacency told, each node is a mixture of those that the
 * prior knows for its place, and at the end nodes of the rounded graph are exchanged for others that the prior finds probable, where the gradient agrees.
 *
 * @param priors of which one over structures is taken. It was learned from data like the victim's, so that the attack needs to be told `auxiliaryData`.
 * @throws ReconError `bad-option`.
 * @see M. Drencheva et al., "GRAIN: exact graph reconstruction from gradients", ICLR 2025, whose baselines these are, after L. Zhu et al., "Deep leakage from gradients", NeurIPS
 * 2019.
 */
export function relaxed(options: RelaxedOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("relaxed", options, checks);
  const { discrepancy = "cosine", rate = 0.3, smoothness = 0, sparsity = 0, restarts = 1 } = options;
  const prior = priors.find((one): one is StructurePrior => one.kind === "structure");
  const { exchanges = prior === undefined ? 0 : 0.2 } = options;
  const search = (domain: GraphDomain, told: ToldGraphs, scorer: StructureScorer | undefined): Attack =>
    gradientMatching({
      name: "relaxed",
      cite: "",
      options: {},
      discrepancy: distances[discrepancy],
      priors: () => [
        scorer !== undefined && told.adjacency !== undefined
          ? nodeMixtures(domain.table, { ...told, adjacency: told.adjacency }, scorer)
          : relaxedGraphs(domain.table, told),
        ...(smoothness > 0 ? [featureSmoothness(smoothness)] : []),
        ...(sparsity > 0 ? [edgeSparsity(sparsity)] : []),
      ],
      targets: targetsOf,
      solver: () => descent({ update: chain(scaleByAdam(), scale(rate)) }),
      restarts,
    });
  return {
    name: "relaxed",
    options: {
      discrepancy,
      rate,
      smoothness,
      sparsity,
      restarts,
      exchanges,
      ...(prior && { prior: { name: prior.name, options: prior.options } }),
    },
    cite: "Gradient matching over relaxed graphs, after Zhu et al., Deep leakage from gradients, NeurIPS 2019",
    needs: [...generalNeeds, ...(prior ? ["auxiliaryData"] : [])],
    applies,
    run: (problem, context) => run(problem, context, { search, exchanges, prior }),
  };
}

interface Parts {
  readonly search: (domain: GraphDomain, told: ToldGraphs, scorer: StructureScorer | undefined) => Attack;
  readonly exchanges: number;
  readonly prior: StructurePrior | undefined;
}

async function* run(
  problem: Problem,
  context: AttackContext,
  { search, exchanges, prior }: Parts,
): AsyncGenerator<Progress | Solution, void> {
  const domain = problem.domain as GraphDomain;
  const told = toldGraphs(problem) as ToldGraphs;
  const { evaluations } = context.budget;
  const scorer = await prior?.scorer(domain);
  const whole = domain.kind === "edges" || told.features !== undefined ? 0 : Math.floor(exchanges * evaluations);
  const between = { ...context, budget: { ...context.budget, evaluations: evaluations - whole } };
  for await (const event of search(domain, told, scorer).run(relaxedProblem(problem, domain, told), between)) {
    if (event.kind === "progress") {
      yield { ...event, fraction: event.evaluations / evaluations };
      continue;
    }
    const target = event.value.target!;
    const found = event.value.input!;
    const graphs = nearestGraphs(found, domain, told);
    const exchanged = yield* exchangeNodes(problem, domain, context, {
      graphs,
      soft: softFeatures(found, domain.table),
      target,
      scorer,
      evaluations: whole,
    });
    const input = domain.kind === "edges" ? found : batchOfGraphs(exchanged.graphs, domain);
    const { residual } = await fitOf(problem, context.executor, { input, target });
    yield {
      ...event,
      value: { input, target },
      residual,
      evaluations: event.evaluations + exchanged.evaluations,
      given: [...new Set([...event.given, ...told.given, ...(prior ? ["auxiliaryData"] : [])])],
      ...conclude(problem, { residual, samples: told.sizes.length, ended: clause(event.reason) }),
    };
  }
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
