import type { LabelledGraph } from "./labelled-graph.ts";
import { distanceColours, refineColours } from "./refine-colours.ts";

/**
 * A text that isomorphic graphs share: labels and edges by refined colours.
 *
 * Graphs that differ in it are not isomorphic; of those that share it, `isomorphism` decides.
 */
export function graphKey(graph: LabelledGraph): string {
  const [colours] = refineColours([graph], distanceColours([graph])) as readonly [readonly number[]];
  const nodes = graph.nodes.map((choices, node) => `${colours[node]}=${choices.join(",")}`).sort();
  const edges = graph.edges.map(([a, b]) => [colours[a]!, colours[b]!].sort((x, y) => x - y).join("-")).sort();
  return `${nodes.join(" ")} | ${edges.join(" ")}`;
}
