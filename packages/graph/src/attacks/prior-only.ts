import {
  type Applicability,
  type Attack,
  type AttackContext,
  fitOf,
  type Prior,
  type Problem,
  type Rng,
  type Solution,
  type StructurePrior,
} from "@recon/core";
import { type NdArray, sizeOf } from "@recon/engine";
import { type GraphDomain, isGraphDomain } from "../domain.ts";
import { decodeGraph, type LabelledGraph } from "../graphs/labelled-graph.ts";
import { moleculeGenerator } from "../priors/molecule-generator.ts";
import { batchOfGraphs } from "./relaxed/nearest-graphs.ts";
import { type ToldGraphs, toldGraphs } from "./relaxed/told-graphs.ts";

/** Atoms of a molecule of which no size is told. */
const [smallestSize, largestSize] = [4, 20];

const needs = ["architecture", "weights", "batchSize", "auxiliaryData"];

/**
 * Molecules drawn from a generator, of the sizes that were told or else of drawn ones, whatever was observed: a control that shows what a prior alone is worth.
 *
 * The observation enters the residual only, which says how badly the draw explains it.
 *
 * @param priors the first one over structures is drawn from; the package's generator where there is none.
 */
export function priorOnly(priors: readonly Prior[] = []): Attack {
  const prior = priors.find((one): one is StructurePrior => one.kind === "structure") ?? moleculeGenerator();
  return {
    name: "prior-only",
    options: { prior: { name: prior.name, options: prior.options } },
    cite: "A control: draws from the prior, without the observation",
    needs,
    applies: (problem): Applicability => {
      const { domain } = problem;
      return isGraphDomain(domain) && domain.kind === "molecule" ? true : { reason: "the data is not molecules" };
    },
    run: async function* (problem, context) {
      yield await drawn(problem, prior, context);
    },
  };
}

async function drawn(problem: Problem, prior: StructurePrior, { executor, rng }: AttackContext): Promise<Solution> {
  const domain = problem.domain as GraphDomain;
  const told = toldGraphs(problem);
  const { sizes, given } = "reason" in told ? drawnSizes(problem, rng.split("sizes")) : told;
  const scorer = await prior.scorer(domain);
  const graphs = sizes.map((size, i): LabelledGraph => {
    const item = scorer.sample([size, domain.features + size], rng.split(`graph ${i}`));
    return decodeGraph(item, domain.table);
  });
  const value = { input: batchOfGraphs(graphs, domain), target: undecided(problem, sizes.length) };
  const { residual } = await fitOf(problem, executor, value);
  const reason = "It was drawn from the prior and looked at nothing else.";
  return {
    kind: "solution",
    value,
    residual,
    certificate: { level: "none", reason },
    verdict: "budget spent",
    reason,
    given: [...needs, ...given],
    evaluations: 1,
    trace: [{ evaluations: 1, objective: residual }],
  };
}

/** Sizes for a batch of which none is told. */
function drawnSizes({ knowledge, domain }: Problem, rng: Rng): Pick<ToldGraphs, "sizes" | "given"> {
  const most = Math.min(largestSize, (domain as GraphDomain).largest);
  const least = Math.min(smallestSize, most);
  const batch = knowledge.batchSize as number;
  return { sizes: Array.from({ length: batch }, () => least + rng.integer(most - least + 1)), given: [] };
}

/** Every class as probable as any other. */
function undecided({ model }: Problem, batch: number): NdArray {
  const shape = [batch, ...model.target.shape];
  return { shape, data: new Float64Array(sizeOf(shape)).fill(1 / model.target.shape.at(-1)!) };
}
