import {
  type AttackContext,
  executorProduct,
  fitOf,
  knownNoise,
  type Problem,
  type StructureScorer,
} from "@recon/core";
import type { NdArray, Precision } from "@recon/engine";
import type { GraphDomain } from "../../../domain.ts";
import { encodeGraph, type LabelledGraph } from "../../../graphs/labelled-graph.ts";
import { outlookOf, surveyOf } from "../survey.ts";
import { atomHints } from "./atom-hints.ts";
import { atomKinds } from "./atom-kinds.ts";
import { choiceDraws } from "./choice-draws.ts";
import { misfitProgram } from "./misfit-program.ts";
import type { MoveOptions } from "./moves.ts";
import { searchGraphs } from "./search-graphs.ts";
import { startingGraphs } from "./starting-graphs.ts";

/** The likeliest graph that a search came by. */
export interface GraphBehindNoise {
  readonly graph: LabelledGraph;
  readonly residual: number;
  readonly evaluations: number;
  /** What the gradients said before the search, in words. */
  readonly outlook: string;
}

/** Graphs that the searches start from. */
const starts = 4;
/** Nodes of the graphs that a search of unknown size starts from. */
const usualSizes = [4, 20] as const;
/** Share of ‖noise‖² in ‖y‖² above which misfits are computed in float32. */
const leastNoise = 5e-4;
/** What a graph is less probable for which the prior finds impossible, in nats: a search may pass through it. */
const impossible = 100;

/**
 * The likeliest molecule behind known Gaussian noise, with a prior the most probable one.
 *
 * Row spaces are known as far as they stand above the noise, so that membership in them is a hint here and no test, and surroundings cannot be listed by them. Whole molecules are compared with the
 * whole gradient instead.
 */
export async function graphBehindNoise(
  problem: Problem,
  domain: GraphDomain,
  target: NdArray,
  { executor, rng, signal, budget }: AttackContext,
  { size, scorer }: { readonly size?: number | undefined; readonly scorer?: StructureScorer | undefined },
): Promise<GraphBehindNoise | { readonly reason: string }> {
  const { table } = domain;
  const kinds = atomKinds(table);
  if (kinds === undefined)
    return { reason: "Behind noise it searches for molecules, and the features are not those of atoms." };
  const noiseStd = knownNoise(problem);
  const products = executorProduct(executor);
  const survey = await surveyOf(problem, noiseStd, products).finally(() => products.dispose());
  const hints = atomHints(problem, table, "reason" in survey ? [] : survey.atoms.choices, noiseStd);
  const moves: MoveOptions = {
    kinds,
    draw: choiceDraws(table, hints, scorer),
    largest: size ?? domain.largest,
    resize: size === undefined,
  };
  const [least, most] = size === undefined ? usualSizes : [size, size];
  const sizes = Array.from({ length: starts }, (_, i) => least + Math.round((i * (most - least)) / (starts - 1)));
  const program = misfitProgram(problem, domain, executor, target, precisionFor(problem, noiseStd));
  try {
    const { best, evaluations } = await searchGraphs({
      program,
      table,
      variance: noiseStd ** 2,
      surprise: ({ nodes, edges }) => {
        const hinted = nodes.reduce((sum, choices) => sum - Math.log(hints.weight(choices)), 0);
        return hinted + (scorer === undefined ? 0 : surpriseOf(scorer, encodeGraph({ nodes, edges }, table)));
      },
      moves,
      starts: startingGraphs(sizes, table, moves, scorer, rng.split("starts")),
      evaluations: budget.evaluations,
      rng: rng.split("search"),
      signal,
    });
    const { shape, data } = encodeGraph(best.graph, table);
    const { residual } = await fitOf(problem, executor, { input: { shape: [1, ...shape], data }, target });
    const outlook = "reason" in survey ? survey.reason : outlookOf(survey);
    return { graph: best.graph, residual, evaluations: evaluations + 1, outlook };
  } finally {
    await program.dispose();
  }
}

/** Whether rounding in float32, some 1e-6 of ‖y‖², is far below what the noise adds to a misfit. */
function precisionFor({ observation }: Problem, noiseStd: number): Precision {
  let [entries, square] = [0, 0];
  for (const { data } of Object.values(observation)) {
    entries += data.length;
    for (let i = 0; i < data.length; i++) square += data[i]! ** 2;
  }
  return entries * noiseStd ** 2 > leastNoise * square ? "float32" : "float64";
}

function surpriseOf(scorer: StructureScorer, item: NdArray): number {
  const value = scorer.logProbability(item);
  return Number.isFinite(value) ? -value : impossible;
}
