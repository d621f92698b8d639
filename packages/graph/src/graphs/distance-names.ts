import { type LabelledGraph, neighboursOf } from "./labelled-graph.ts";

/**
 * For every node its labels, and how many nodes of which labels are how far away, as a text.
 *
 * Tells apart what refined colours cannot: rings of different lengths whose nodes are alike.
 */
export function distanceNames(graph: LabelledGraph): string[] {
  const neighbours = neighboursOf(graph);
  const labels = graph.nodes.map((choices) => choices.join(","));
  return labels.map((own, start) => {
    const distance = new Map([[start, 0]]);
    const open = [start];
    for (let at = 0; at < open.length; at++) {
      for (const other of neighbours[open[at]!]!) {
        if (distance.has(other)) continue;
        distance.set(other, distance.get(open[at]!)! + 1);
        open.push(other);
      }
    }
    const seen = open.map((node) => `${distance.get(node)}:${labels[node]}`).sort();
    return `${own} ${seen.join(" ")}`;
  });
}
