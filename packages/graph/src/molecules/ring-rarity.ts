import { type LabelledGraph, neighboursOf } from "../graphs/labelled-graph.ts";

/** How rare rings of 3 to 7 atoms are among small organic molecules, as an order: six atoms are the commonest, then five. */
const rarity: Readonly<Record<number, number>> = { 3: 3, 4: 4, 5: 1, 6: 0, 7: 3 };

/**
 * How rare the rings of a graph are, 0 for rings of six only: the mean over all edges on cycles of the rarity of the shortest cycle through the edge. It tells apart molecules that are otherwise equally
 * good, and says nothing certain.
 */
export function ringRarity(graph: LabelledGraph): number {
  const neighbours = neighboursOf(graph);
  const lengths = graph.edges.flatMap(([a, b]) => shortestCycle(neighbours, a, b) ?? []);
  const total = lengths.reduce((sum, length) => sum + (rarity[length] ?? length - 3), 0);
  return lengths.length === 0 ? 0 : total / lengths.length;
}

/** Length of the shortest cycle through an edge, or undefined where there is none. */
export function shortestCycle(neighbours: readonly (readonly number[])[], a: number, b: number): number | undefined {
  const distance = new Map([[a, 0]]);
  const open = [a];
  for (let at = 0; at < open.length; at++) {
    const node = open[at]!;
    for (const other of neighbours[node]!) {
      if (distance.has(other) || (node === a && other === b)) continue;
      if (other === b) return distance.get(node)! + 2;
      distance.set(other, distance.get(node)! + 1);
      open.push(other);
    }
  }
  return undefined;
}
