import type { LabelledGraph } from "../../graphs/labelled-graph.ts";

/** A graph so many times beside itself. */
export function copies({ nodes, edges }: LabelledGraph, times: number): LabelledGraph {
  const starts = Array.from({ length: times }, (_, copy) => copy * nodes.length);
  return {
    nodes: starts.flatMap(() => nodes),
    edges: starts.flatMap((start) => edges.map(([a, b]) => [a + start, b + start] as const)),
  };
}

/**
 * Graphs of twice as many nodes in which every node has the surroundings that it has in the given one: two copies, with one pair of edges crossed between them. Those whose edge is
 * on no cycle are two copies again.
 */
export function* doubleCoverings(graph: LabelledGraph): Generator<LabelledGraph, void> {
  const { nodes, edges } = copies(graph, 2);
  const size = graph.nodes.length;
  for (const [at, [a, b]] of graph.edges.entries()) {
    yield {
      nodes,
      edges: edges.map((edge, i) => {
        if (i === at) return [a, b + size];
        return i === at + graph.edges.length ? [b, a + size] : edge;
      }),
    };
  }
}
