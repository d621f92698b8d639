import { type AttackContext, executorProduct, fitOf, knownNoise, type Problem, residualTolerance } from "@recon/core";
import type { NdArray } from "@recon/engine";
import type { GraphDomain } from "../../domain.ts";
import { graphSet } from "../../graphs/graph-set.ts";
import { encodeGraph, type LabelledGraph } from "../../graphs/labelled-graph.ts";
import { possibleMolecules } from "../../molecules/possible-molecule.ts";
import { copies, listGraphs } from "./list-graphs.ts";
import { outlookOf, surveyOf, typesOf } from "./survey.ts";
import { typeCounts } from "./type-counts.ts";

/** The graph that explains the observation with the fewest nodes. */
export interface GraphsFound {
  readonly graph: LabelledGraph;
  readonly residual: number;
  readonly evaluations: number;
  /** Why another graph is not excluded, a sentence; absent where it is. */
  readonly doubt?: string;
  readonly outlook: string;
}

export interface SearchLimits {
  readonly surroundings: number;
  readonly joins: number;
}

/** Most graphs of one size whose gradient is computed. */
const mostGraphs = 64;

/** Searches for graphs from the survey to the gradient of the whole. */
export async function findGraphs(
  problem: Problem,
  domain: GraphDomain,
  target: NdArray,
  { executor, signal }: AttackContext,
  { surroundings, joins }: SearchLimits,
): Promise<GraphsFound | { readonly reason: string; readonly evaluations: number }> {
  const noiseStd = knownNoise(problem);
  const products = executorProduct(executor);
  try {
    const survey = await surveyOf(problem, noiseStd, products);
    if ("reason" in survey) return { ...survey, evaluations: 0 };
    const outlook = outlookOf(survey);
    const types = await typesOf(problem, survey, { executor, products, noiseStd, limit: surroundings, signal });
    if ("reason" in types) return { reason: `${outlook} ${types.reason}`, evaluations: types.read };
    let evaluations = types.read;
    const accuracy = problem.observationPrecision === "float64" ? 1e-11 : 1e-5;
    const counts = typeCounts({ ...types, accuracy });
    const wholeness = Math.min(0.1, 1e4 * accuracy);
    const possible = domain.kind === "molecule" ? possibleMolecules(domain.table, "grain") : undefined;
    const listing = {
      atoms: survey.atoms,
      nodes: types.nodes,
      counts,
      joins,
      most: mostGraphs,
      ...(possible && { possible }),
    };
    const tolerance = toleranceOf(problem, noiseStd);
    const doubts: string[] = [];
    if (types.cut) doubts.push(`More than ${surroundings} surroundings of nodes fit, and not all were looked at.`);
    if (!counts.unique) doubts.push("Other amounts of the surroundings give the same pooled embedding.");
    if (survey.spaces.some(({ rank, width }) => rank >= width))
      doubts.push("A layer spans everything, so that its test excludes nothing.");
    let best: { readonly graph: LabelledGraph; readonly residual: number } | undefined;
    const told = problem.knowledge.nodeCount;
    for (let size = 1; size <= domain.largest; size++) {
      if (typeof told === "number" && size !== told) continue;
      const listed = listGraphs(size, listing, wholeness);
      if (listed === undefined) continue;
      if (!listed.complete) doubts.push(`Of graphs of ${size} nodes not all were listed.`);
      const same = graphSet();
      if (best !== undefined && size % best.graph.nodes.length === 0)
        same.add(copies(best.graph, size / best.graph.nodes.length), "copies");
      for (const graph of listed.graphs) {
        if (same.has(graph)) continue;
        const { shape, data } = encodeGraph(graph, domain.table);
        const { residual } = await fitOf(problem, executor, { input: { shape: [1, ...shape], data }, target });
        evaluations++;
        if (residual <= tolerance && best !== undefined) {
          doubts.push(`Another graph, of ${size} nodes, has the same gradient.`);
          break;
        }
        if (best === undefined || residual < best.residual) best = { graph, residual };
      }
      if (best !== undefined && !(best.residual <= tolerance)) continue;
      if (doubts.length > 0 && best !== undefined) break;
    }
    if (best === undefined)
      return {
        reason: `${outlook} No graph has the amounts of surroundings that the pooled embedding shows (misfit ${counts.residual.toExponential(1)}).`,
        evaluations,
      };
    return { ...best, evaluations, outlook, ...(doubts.length > 0 && { doubt: doubts.join(" ") }) };
  } finally {
    await products.dispose();
  }
}

function toleranceOf({ observation, observationPrecision: precision }: Problem, noiseStd: number): number {
  const arrays = Object.values(observation);
  const entries = arrays.reduce((total, { data }) => total + data.length, 0);
  let square = 0;
  for (const { data } of arrays) for (let i = 0; i < data.length; i++) square += data[i]! ** 2;
  const norm = Math.sqrt(square);
  return residualTolerance({ precision, noiseStd, entries, norm });
}
