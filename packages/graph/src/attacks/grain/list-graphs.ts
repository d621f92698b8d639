import { graphSet } from "../../graphs/graph-set.ts";
import type { LabelledGraph } from "../../graphs/labelled-graph.ts";
import type { Possibility } from "../../molecules/possible-molecule.ts";
import type { FeatureNodes } from "./atoms.ts";
import type { NodeTypes } from "./node-types.ts";
import { realise } from "./realise.ts";
import type { TypeCounts } from "./type-counts.ts";

/** Graphs with the amounts that were found, and whether these are all. */
export interface ListedGraphs {
  readonly graphs: readonly LabelledGraph[];
  readonly complete: boolean;
}

export interface ListOptions {
  readonly atoms: FeatureNodes;
  readonly nodes: NodeTypes;
  readonly counts: TypeCounts;
  /** Joins that are tried. */
  readonly joins: number;
  /** Most graphs that are listed. */
  readonly most: number;
  readonly possible?: (graph: LabelledGraph) => Possibility;
}

/**
 * All graphs of `size` nodes with the amounts that were found, each once, without those that cannot be molecules; undefined where the amounts are not whole for that size.
 */
export function listGraphs(
  size: number,
  { atoms, nodes, counts, joins, most, possible }: ListOptions,
  wholeness: number,
): ListedGraphs | undefined {
  const { types, before } = nodes;
  if (types === undefined || before === undefined) return undefined;
  const whole = counts.classes.map(({ options, amount }) => ({
    options,
    exact: amount * size,
    count: Math.round(amount * size),
  }));
  if (whole.some(({ exact, count }) => count < 1 || Math.abs(exact - count) > wholeness)) return undefined;
  if (whole.reduce((total, { count }) => total + count, 0) !== size) return undefined;
  const steps = { left: joins };
  const seen = graphSet();
  const graphs: LabelledGraph[] = [];
  const labels = types.map(({ centre }) => atoms.choices[featuresOf(before, centre)]!);
  for (const { nodes: own, edges } of realise(types, whole, steps)) {
    const graph = { nodes: own.map((type) => labels[type]!), edges };
    if (seen.add(graph, `${graphs.length}`) !== undefined) continue;
    if (possible?.(graph) === "impossible") continue;
    graphs.push(graph);
    if (graphs.length >= most) break;
  }
  return { graphs, complete: steps.left > 0 && graphs.length < most };
}

/** Which features a type has in its middle. */
function featuresOf({ types, before }: NodeTypes, at: number): number {
  return types === undefined ? at : featuresOf(before!, types[at]!.centre);
}

/** A graph so many times beside itself. */
export function copies({ nodes, edges }: LabelledGraph, times: number): LabelledGraph {
  const all = Array.from({ length: times }, (_, copy) => copy * nodes.length);
  return {
    nodes: all.flatMap(() => nodes),
    edges: all.flatMap((start) => edges.map(([a, b]) => [a + start, b + start] as const)),
  };
}
