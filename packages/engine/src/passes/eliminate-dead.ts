import { type Graph, nodesOf } from "../graph.ts";

/**
 * Drops the inputs that no output depends on.
 *
 * Nothing else can be dead: a graph holds its outputs, and a node that no output depends on is not reachable. A compiled program keeps the
 * signature of the graph that it was compiled from; the inputs dropped here are accepted and not handed to the runtime.
 */
export function eliminateDead(graph: Graph): Graph {
  const live = new Set(nodesOf(graph));
  const inputs = Object.entries(graph.inputs).filter(([, node]) => live.has(node));
  return inputs.length === Object.keys(graph.inputs).length
    ? graph
    : { inputs: Object.fromEntries(inputs), outputs: graph.outputs };
}
