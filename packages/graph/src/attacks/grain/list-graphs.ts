import { setImmediate as turn } from "node:timers/promises";
import { graphSet } from "../../graphs/graph-set.ts";
import type { LabelledGraph } from "../../graphs/labelled-graph.ts";
import type { Possibility } from "../../molecules/possible-molecule.ts";
import type { FeatureNodes } from "./atoms.ts";
import type { NodeTypes } from "./node-types.ts";
import { type NodeCount, realise } from "./realise.ts";
import type { TypeClass } from "./type-counts.ts";

export interface ListOptions {
  readonly atoms: FeatureNodes;
  readonly nodes: NodeTypes;
  /** Joins that may be tried; what is left afterwards is 0 where not every graph was listed. */
  readonly steps: { left: number };
  readonly possible?: (graph: LabelledGraph) => Possibility;
  readonly signal: AbortSignal;
}

/** The numbers of nodes of every class in a graph of `size` nodes, or undefined where they are not whole. */
export function wholeCounts(
  classes: readonly TypeClass[],
  pooling: "mean" | "sum",
  size: number,
  wholeness: number,
): readonly NodeCount[] | undefined {
  const factor = pooling === "sum" ? 1 : size;
  const counts = classes.map(({ options, amount }) => ({ options, count: Math.round(amount * factor) }));
  const whole = counts.every(({ count }, i) => count > 0 && Math.abs(classes[i]!.amount * factor - count) <= wholeness);
  return whole && counts.reduce((total, { count }) => total + count, 0) === size ? counts : undefined;
}

/** All graphs with these numbers of nodes, each once, without those that cannot be molecules. */
export async function* listGraphs(
  counts: readonly NodeCount[],
  { atoms, nodes, steps, possible, signal }: ListOptions,
): AsyncGenerator<LabelledGraph, void> {
  const { types, before } = nodes;
  if (types === undefined || before === undefined) return;
  const seen = graphSet();
  const labels = types.map(({ centre }) => atoms.choices[featuresOf(before, centre)]!);
  for (const realised of realise(types, counts, steps)) {
    // A time limit can be noticed in between.
    await turn();
    if (signal.aborted) steps.left = 0;
    if (steps.left <= 0 || realised === undefined) continue;
    const { nodes: own, edges } = realised;
    const graph = { nodes: own.map((type) => labels[type]!), edges };
    if (seen.add(graph, "listed") === undefined && possible?.(graph) !== "impossible") yield graph;
  }
}

/** Which features a type has in its middle. */
function featuresOf({ types, before }: NodeTypes, at: number): number {
  return types === undefined ? at : featuresOf(before!, types[at]!.centre);
}
