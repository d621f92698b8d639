import {
  type Applicability,
  type Attack,
  type AttackContext,
  clause,
  conclude,
  executorProduct,
  knownNoise,
  type Prior,
  type Problem,
  type Progress,
  recoveredTargets,
  type Solution,
  type StructurePrior,
  timeLimit,
} from "@recon/core";
import { checkOptions, integer, real } from "@recon/core/options";
import type { NdArray } from "@recon/engine";
import { type GraphDomain, isGraphDomain } from "../domain.ts";
import { encodeGraph, type LabelledGraph } from "../graphs/labelled-graph.ts";
import { graphBehindNoise } from "./grain/behind-noise/graph-behind-noise.ts";
import { onlyNoise } from "./grain/behind-noise/only-noise.ts";
import { findGraphs, type GraphsFound, type NoGraph, type SearchLimits } from "./grain/find-graphs.ts";
import { stagesOf } from "./grain/stages.ts";
import { outlookOf, surveyOf } from "./grain/survey.ts";
import { toldGraphs } from "./relaxed/told-graphs.ts";

export interface GrainOptions {
  /** Most surroundings of nodes that are looked at in a step, 200 000 unless said. */
  readonly surroundings?: number;
  /** Most joins of nodes that are tried for graphs of one size, 20 000 unless said. */
  readonly joins?: number;
  /** Seconds after which the search ends with what it has found, 60 unless said. Results that needed less do not depend on it. */
  readonly seconds?: number;
}

/**
 * One graph from the gradient of a graph network.
 *
 * 1. The gradient of the first layer, dW = Δᵀ X, spans the nodes' features: combinations of features whose row lies in its row space are admitted.
 * 2. The gradient of every further layer spans the embeddings of nodes with their surroundings. What the model makes of an admitted node with admitted
 *    neighbours is tested in its row space, which removes what the first test admits wrongly.
 * 3. The gradient of the readout is δ hᵀ with h the pooled embedding: amounts of the surroundings that are left, ≥ 0, which sum to it.
 * 4. All graphs with these amounts are listed, up to isomorphism; of molecules, those for which bonds exist that give the features. The gradient of the whole decides.
 *
 * Where Â is singular, errors of a layer lack a dimension and most rows of the graph lie outside of its space, all along one direction, which candidates for the rows show: the space is widened by it.
 *
 * Step 3 takes the place of the published depth-first search over overlapping surroundings.
 *
 * **What makes it exact.** dL/dh is a function of h and the label alone, both known, so the gradient of every layer is the sum over nodes of a function of the node's surroundings
 * as far as the layers reach. The observation therefore determines their amounts when no others give the same h, which is checked, and then every graph that
 * explains the observation and whose errors have the rank that was taken for them is among those listed. A mean does not say how many nodes there are: graphs of every size that the model takes
 * are listed; the same graph several times beside itself is not told from one.
 *
 * **Behind known noise** row spaces do not settle what occurs. Molecules are then compared with the whole gradient, as many as the budget has evaluations, and the likeliest is given; with a prior
 * over structures the most probable one.
 *
 * @param priors of which one over structures is asked behind noise, where `auxiliaryData` is told: it was learned from data like the victim's.
 * @throws ReconError `bad-option`.
 * @see M. Drencheva et al., "GRAIN: exact graph reconstruction from gradients", ICLR 2025.
 */
export function grain(options: GrainOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("grain", options, {
    surroundings: integer(1, 100_000_000),
    joins: integer(1, 100_000_000),
    seconds: real(0.001, 1_000_000),
  });
  const { surroundings = 200_000, joins = 20_000, seconds = 60 } = options;
  const prior = priors.find((one): one is StructurePrior => one.kind === "structure");
  const attack: Attack = {
    name: "grain",
    options: { ...options, ...(prior && { prior: { name: prior.name, options: prior.options } }) },
    cite: "Drencheva et al., GRAIN: exact graph reconstruction from gradients, ICLR 2025",
    needs: ["architecture", "weights"],
    applies,
    exact: () => [attack],
    foresee: async (problem, { executor }) => {
      const products = executorProduct(executor);
      try {
        const survey = await surveyOf(problem, knownNoise(problem), products);
        return "reason" in survey ? survey.reason : outlookOf(survey);
      } finally {
        await products.dispose();
      }
    },
    run: async function* (problem, context) {
      if (searchesBehindNoise(problem)) {
        yield* runBehindNoise(problem, context, prior);
        return;
      }
      const limit = timeLimit(context.signal, 1000 * seconds);
      try {
        yield* run(problem, { ...context, signal: limit.signal }, { surroundings, joins });
      } finally {
        limit.dispose();
      }
    },
  };
  return attack;
}

function applies({ model, domain, operator, knowledge }: Problem): Applicability {
  if (!isGraphDomain(domain)) return { reason: `the data is of the domain ${domain.name} and not graphs` };
  if (operator.name !== "gradient")
    return { reason: `it reads a gradient, and the observation is of ${operator.name}` };
  if (typeof knowledge.batchSize === "number" && knowledge.batchSize !== 1) {
    return { reason: `it finds one graph, and the batch holds ${knowledge.batchSize}` };
  }
  const stages = stagesOf(model, domain.features, 3, 7);
  return "reason" in stages ? stages : true;
}

async function* run(
  problem: Problem,
  context: AttackContext,
  limits: SearchLimits,
): AsyncGenerator<Progress | Solution, void> {
  const domain = problem.domain as GraphDomain;
  const targets = recoveredTargets(problem, 1);
  if ("reason" in targets) {
    yield nothing(problem, { reason: targets.reason, evaluations: 0, undetermined: true });
    return;
  }
  const found = await findGraphs(problem, domain, targets.value, context, limits);
  if ("reason" in found) {
    yield nothing(problem, found);
    return;
  }
  yield concluded(problem, domain, targets.value, found);
}

function concluded(problem: Problem, domain: GraphDomain, target: NdArray, found: GraphsFound): Solution {
  const { graph, residual, evaluations, doubt, outlook } = found;
  const { batchSize } = problem.knowledge;
  const told = toldGraphs(problem);
  return {
    kind: "solution",
    value: { input: batchOf(graph, domain), target },
    residual,
    given: [
      ...["architecture", "weights", "lossKind"],
      ...(typeof batchSize === "number" ? ["batchSize"] : []),
      ...("reason" in told ? [] : told.given),
    ],
    evaluations,
    trace: [],
    ...conclude(problem, {
      residual,
      samples: 1,
      ...(doubt === undefined && {
        identity: {
          name: "the list of all graphs, of usual valences and not one several times beside itself, whose nodes have the surroundings that the gradient shows,",
          symmetry: "the order of the nodes",
        },
      }),
      ended: doubt === undefined ? "one graph is left" : clause(doubt),
    }),
    explanation: doubt === undefined ? outlook : `${outlook} ${doubt}`,
  };
}

/** Whether there is noise alone before molecules, of which a search knows how to change them. */
function searchesBehindNoise(problem: Problem): boolean {
  return isGraphDomain(problem.domain) && problem.domain.kind === "molecule" && onlyNoise(problem);
}

async function* runBehindNoise(
  problem: Problem,
  context: AttackContext,
  prior: StructurePrior | undefined,
): AsyncGenerator<Progress | Solution, void> {
  const domain = problem.domain as GraphDomain;
  const targets = recoveredTargets(problem, 1);
  if ("reason" in targets) {
    yield nothing(problem, { reason: targets.reason, evaluations: 0, undetermined: true });
    return;
  }
  const { batchSize, auxiliaryData } = problem.knowledge;
  const told = toldGraphs(problem);
  const scorer = auxiliaryData === undefined ? undefined : await prior?.scorer(domain);
  const size = "reason" in told ? undefined : told.sizes[0];
  const found = await graphBehindNoise(problem, domain, targets.value, context, { size, scorer });
  if ("reason" in found) {
    yield nothing(problem, { ...found, evaluations: 0, undetermined: false });
    return;
  }
  const { graph, residual, evaluations, outlook } = found;
  const asked =
    prior === undefined || scorer !== undefined
      ? ""
      : ` ${prior.name} was not asked, for the attack was not told auxiliaryData.`;
  yield {
    kind: "solution",
    value: { input: batchOf(graph, domain), target: targets.value },
    residual,
    given: [
      ...["architecture", "weights", "lossKind", "defenceParams"],
      ...(typeof batchSize === "number" ? ["batchSize"] : []),
      ...("reason" in told ? [] : told.given),
      ...(scorer === undefined ? [] : ["auxiliaryData"]),
    ],
    evaluations,
    trace: [],
    ...conclude(problem, {
      residual,
      samples: 1,
      ended: `${evaluations} molecules were compared, and another may explain the observation as well`,
    }),
    explanation: `${outlook}${asked}`,
  };
}

function batchOf(graph: LabelledGraph, { table }: GraphDomain): NdArray {
  const { shape, data } = encodeGraph(graph, table);
  return { shape: [1, ...shape], data };
}

/** The solution where no graph was found: a blind guess, and why. */
function nothing(problem: Problem, { reason, evaluations, undetermined }: NoGraph): Solution {
  const { model, domain } = problem;
  const guess = domain.blind(model.input.shape);
  const classes = model.target.shape.at(-1)!;
  return {
    kind: "solution",
    value: {
      input: { shape: [1, ...guess.shape], data: guess.data },
      target: { shape: [1, ...model.target.shape], data: new Float64Array(classes).fill(1 / classes) },
    },
    residual: Number.NaN,
    given: ["architecture", "weights"],
    evaluations,
    trace: [],
    ...conclude(problem, {
      residual: Number.NaN,
      samples: 1,
      ...(undetermined && { undetermined: clause(reason) }),
      ended: clause(reason),
    }),
  };
}
