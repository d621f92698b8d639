import { fitOf, type Problem, residualTolerance } from "@recon/core";
import type { Executor, NdArray } from "@recon/engine";
import type { GraphDomain } from "../../domain.ts";
import { isomorphism } from "../../graphs/isomorphism.ts";
import { encodeGraph, type LabelledGraph } from "../../graphs/labelled-graph.ts";
import { possibleMolecules } from "../../molecules/possible-molecule.ts";
import { copies, doubleCoverings } from "./coverings.ts";
import { listGraphs, wholeCounts } from "./list-graphs.ts";
import type { TypesFound } from "./survey.ts";
import { typeCounts } from "./type-counts.ts";

/** A graph with the gradient nearest to the observed one, that of the fewest nodes among equals. */
export interface Explanation {
  readonly graph: LabelledGraph;
  readonly residual: number;
  /** Whether the residual is that of rounding or noise. */
  readonly explains: boolean;
  /** Why another graph is not excluded, a sentence; absent where it is. */
  readonly doubt?: string;
}

export interface ExplainOptions {
  readonly problem: Problem;
  readonly domain: GraphDomain;
  readonly executor: Executor;
  readonly target: NdArray;
  readonly noiseStd: number;
  readonly joins: number;
  readonly signal: AbortSignal;
}

/** Most graphs of one size whose gradient is computed. */
const mostGraphs = 64;
/** Share of the joins that may be tried to find a larger graph beside one that explains. */
const rivalShare = 0.1;

/** The graph of types of nodes that explains the observation, and whether it is the only one. */
export async function explainWith(
  types: TypesFound,
  { problem, domain, executor, target, noiseStd, joins, signal }: ExplainOptions,
): Promise<
  (Explanation & { readonly evaluations: number }) | { readonly reason: string; readonly evaluations: number }
> {
  const accuracy = problem.observationPrecision === "float64" ? 1e-11 : 1e-5;
  const wholeness = Math.min(0.1, 1e4 * accuracy);
  const counts = typeCounts({ ...types, accuracy });
  const possible = domain.kind === "molecule" ? possibleMolecules(domain.table, "grain") : undefined;
  const tolerance = toleranceOf(problem, noiseStd);
  const told = problem.knowledge.nodeCount;
  const doubts: string[] = [];
  if (types.cut) doubts.push("More surroundings of nodes fit than were looked at.");
  if (!counts.unique) doubts.push("Other amounts of the surroundings give the same pooled embedding.");
  let evaluations = 0;
  let best: { readonly graph: LabelledGraph; readonly residual: number } | undefined;
  const explains = (): boolean => best !== undefined && best.residual <= tolerance;
  const residualOf = async (graph: LabelledGraph): Promise<number> => {
    evaluations++;
    const { shape, data } = encodeGraph(graph, domain.table);
    return (await fitOf(problem, executor, { input: { shape: [1, ...shape], data }, target })).residual;
  };
  for (let size = 1; size <= domain.largest && !(explains() && doubts.length > 0) && !signal.aborted; size++) {
    if (typeof told === "number" && size !== told) continue;
    const whole = wholeCounts(counts.classes, size, wholeness);
    if (whole === undefined) continue;
    const ofBest =
      best === undefined || size % best.graph.nodes.length > 0
        ? undefined
        : copies(best.graph, size / best.graph.nodes.length);
    if (explains() && size === 2 * best!.graph.nodes.length && coveringOf(best!.graph, ofBest!, possible)) {
      doubts.push(
        `A graph of ${size} nodes, whose rings are longer, has the same gradient: a mean does not count nodes.`,
      );
      break;
    }
    const steps = { left: explains() ? Math.ceil(rivalShare * joins) : joins };
    let tried = 0;
    for (const graph of listGraphs(whole, { ...types, steps, ...(possible && { possible }) })) {
      if (ofBest !== undefined && isomorphism(graph, ofBest) !== undefined) continue;
      if (++tried > mostGraphs || signal.aborted) {
        steps.left = 0;
        break;
      }
      const residual = await residualOf(graph);
      if (residual <= tolerance && explains()) {
        doubts.push(`Another graph, of ${size} nodes, has the same gradient.`);
        break;
      }
      if (best === undefined || residual < best.residual) best = { graph, residual };
    }
    if (steps.left <= 0) doubts.push(`Of graphs of ${size} nodes not all were listed.`);
  }
  if (signal.aborted) doubts.push("The time was over before all graphs were listed.");
  if (best === undefined) {
    const reason = `No graph has the amounts of surroundings that the pooled embedding shows (misfit ${counts.residual.toExponential(1)}).`;
    return { reason, evaluations };
  }
  return { ...best, explains: explains(), evaluations, ...(doubts.length > 0 && { doubt: doubts.join(" ") }) };
}

/** Whether a graph has a double covering, other than itself twice, that can be. */
function coveringOf(
  graph: LabelledGraph,
  twice: LabelledGraph,
  possible: ReturnType<typeof possibleMolecules>,
): boolean {
  for (const covering of doubleCoverings(graph)) {
    if (possible?.(covering) !== "impossible" && isomorphism(covering, twice) === undefined) return true;
  }
  return false;
}

function toleranceOf({ observation, observationPrecision: precision }: Problem, noiseStd: number): number {
  const arrays = Object.values(observation);
  const entries = arrays.reduce((total, { data }) => total + data.length, 0);
  let square = 0;
  for (const { data } of arrays) for (let i = 0; i < data.length; i++) square += data[i]! ** 2;
  return residualTolerance({ precision, noiseStd, entries, norm: Math.sqrt(square) });
}
