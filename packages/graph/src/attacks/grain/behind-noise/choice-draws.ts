import type { Rng, StructureScorer } from "@recon/core";
import { choicesOf, type FeatureTable } from "../../../graphs/feature-table.ts";
import { encodeGraph, type LabelledGraph } from "../../../graphs/labelled-graph.ts";
import type { AtomHints } from "./atom-hints.ts";
import type { DrawChoices } from "./moves.ts";

/** How probable features are that a prior has not seen in a place. */
const unseen = 1e-4;
/** A prior is flattened by this power, so that a search is not bound to what is usual. */
const flatness = 0.7;

/**
 * Draws features for a node: as probable as the gradient of the first layer leaves them, with a prior times what it finds probable beside the neighbours.
 */
export function choiceDraws(
  table: FeatureTable,
  { weight }: AtomHints,
  scorer: StructureScorer | undefined,
): DrawChoices {
  // What a prior says of a place depends on the neighbours, and the same ones come again and again.
  const known = new Map<string, ReadonlyMap<string, number>>();
  const scoredOf = (
    from: StructureScorer,
    graph: LabelledGraph,
    node: number,
    place: string,
  ): ReadonlyMap<string, number> => {
    const neighbours = graph.edges.flatMap(([a, b]) => (a === node ? [b] : b === node ? [a] : []));
    const key = `${place} | ${neighbours
      .map((i) => graph.nodes[i]!.join())
      .sort()
      .join(" ")}`;
    const found = known.get(key) ?? new Map(scored(from, graph, node, table));
    known.set(key, found);
    return found;
  };
  return (graph, node, options, rng) => {
    if (scorer === undefined) return options[drawn(options.map(weight), rng)]!;
    const scores = scoredOf(scorer, graph, node, options[0]!.join());
    const most = Math.max(...scores.values());
    const weights = options.map((choices) => {
      const score = scores.get(choices.join());
      return weight(choices) * (score === undefined ? unseen : Math.exp(flatness * (score - most)));
    });
    return options[drawn(weights, rng)]!;
  };
}

function scored(scorer: StructureScorer, graph: LabelledGraph, node: number, table: FeatureTable): [string, number][] {
  return scorer.alternatives(encodeGraph(graph, table), node).map(({ item: { shape, data }, logProbability }) => {
    const columns = shape[1]!;
    return [choicesOf(table, data.subarray(node * columns, (node + 1) * columns)).join(), logProbability];
  });
}

/** A place, drawn by its weight. */
function drawn(weights: readonly number[], rng: Rng): number {
  let left = rng.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return i;
  }
  return weights.length - 1;
}
