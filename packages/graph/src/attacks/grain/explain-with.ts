import { fitOf, type Problem, residualTolerance } from "@recon/core";
import type { Executor, NdArray } from "@recon/engine";
import type { GraphDomain } from "../../domain.ts";
import { isomorphism } from "../../graphs/isomorphism.ts";
import { componentsOf, encodeGraph, type LabelledGraph } from "../../graphs/labelled-graph.ts";
import { possibleMolecules } from "../../molecules/possible-molecule.ts";
import { ringRarity } from "../../molecules/ring-rarity.ts";
import { toldGraphs } from "../relaxed/told-graphs.ts";
import { copies, doubleCoverings } from "./coverings.ts";
import { listGraphs, wholeCounts } from "./list-graphs.ts";
import { typeCounts } from "./type-counts.ts";
import type { TypesFound } from "./types-of.ts";

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
/** What a further atom weighs against rings of a rarity of 1: the larger of two molecules would have to be as symmetric as to look like the smaller one twice or more. */
const rarityOfAtom = 0.5;

/** The graph of types of nodes that explains the observation, and whether it is the only one. */
export async function explainWith(
  types: TypesFound,
  { problem, domain, executor, target, noiseStd, joins, signal }: ExplainOptions,
): Promise<
  (Explanation & { readonly evaluations: number }) | { readonly reason: string; readonly evaluations: number }
> {
  const accuracy = problem.observationPrecision === "float64" ? 1e-11 : 1e-5;
  const wholeness = Math.min(0.1, 1e4 * accuracy);
  const counts = await typeCounts({ ...types, accuracy, signal });
  const possible = domain.kind === "molecule" ? possibleMolecules(domain.table, "grain") : undefined;
  const tolerance = toleranceOf(problem, noiseStd);
  const told = toldGraphs(problem);
  const doubts: string[] = [];
  if (types.cut) doubts.push("More surroundings of nodes fit than were looked at.");
  if (!counts.unique) doubts.push("Other amounts of the surroundings give the same pooled embedding.");
  let evaluations = 0;
  let best: Ranked | undefined;
  const explains = (): boolean => best !== undefined && best.residual <= tolerance;
  const ranked = async (graph: LabelledGraph): Promise<Ranked> => {
    evaluations++;
    const { shape, data } = encodeGraph(graph, domain.table);
    const { residual } = await fitOf(problem, executor, { input: { shape: [1, ...shape], data }, target });
    return { graph, residual, rarity: domain.kind === "molecule" ? ringRarity(graph) + componentsOf(graph) - 1 : 0 };
  };
  // A larger graph is looked for as long as it could refute that there is none, or be a likelier one.
  const wanted = (size: number): boolean =>
    !(explains() && doubts.length > 0) || best!.rarity > rarityOfAtom * (size - best!.graph.nodes.length);
  for (let size = 1; size <= domain.largest && wanted(size) && !signal.aborted; size++) {
    if ("sizes" in told && size !== told.sizes[0]) continue;
    const whole = wholeCounts(counts.classes, types.pooling, size, wholeness);
    if (whole === undefined) continue;
    const { graph: before } = best ?? {};
    const again = before && size % before.nodes.length === 0 ? copies(before, size / before.nodes.length) : undefined;
    if (
      explains() &&
      doubts.length === 0 &&
      size === 2 * before!.nodes.length &&
      coveringOf(before!, again!, possible)
    ) {
      doubts.push(
        `A graph of ${size} nodes, whose rings are longer, has the same gradient: a mean does not count nodes.`,
      );
      if (!wanted(size)) break;
    }
    const steps = { left: explains() ? Math.ceil(rivalShare * joins) : joins };
    let tried = 0;
    for await (const graph of listGraphs(whole, { ...types, steps, signal, ...(possible && { possible }) })) {
      if (again !== undefined && isomorphism(graph, again) !== undefined) continue;
      if (++tried > mostGraphs || signal.aborted) {
        steps.left = 0;
        break;
      }
      const one = await ranked(graph);
      if (one.residual <= tolerance && explains() && doubts.length === 0) {
        doubts.push(`Another graph, of ${graph.nodes.length} nodes, has the same gradient.`);
      }
      if (better(one, best, tolerance)) best = one;
      if (!wanted(size)) break;
    }
    if (steps.left <= 0 && doubts.length === 0) doubts.push(`Of graphs of ${size} nodes not all were listed.`);
  }
  if (signal.aborted) doubts.push("The time was over before all graphs were listed.");
  if (best === undefined) {
    const reason = `No graph has the amounts of surroundings that the pooled embedding shows (misfit ${counts.residual.toExponential(1)}).`;
    return { reason, evaluations };
  }
  const { graph, residual } = best;
  return { graph, residual, explains: explains(), evaluations, ...(doubts.length > 0 && { doubt: doubts.join(" ") }) };
}

/** A graph with its residual and how rare its rings and its components beyond one are. */
interface Ranked {
  readonly graph: LabelledGraph;
  readonly residual: number;
  readonly rarity: number;
}

/** Of graphs that explain the observation the smaller one unless its rings are rarer than the difference is worth, the first of equals; else the nearer one. */
function better(one: Ranked, other: Ranked | undefined, tolerance: number): boolean {
  if (other === undefined) return true;
  if (one.residual <= tolerance && other.residual <= tolerance) {
    const further = one.graph.nodes.length - other.graph.nodes.length;
    return one.rarity + rarityOfAtom * further < other.rarity;
  }
  return one.residual < other.residual;
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
