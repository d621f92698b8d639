import { type Graph, graph, rewrite } from "../graph.ts";
import type { Tensor, Tensors } from "../tensor.ts";

/** The outputs of a graph with some of its inputs replaced by other nodes; what does not depend on them stays the same node. */
export function substitute({ inputs, outputs }: Graph, replacements: Tensors): Tensors {
  const byNode = new Map<Tensor, Tensor>();
  for (const [name, node] of Object.entries(inputs)) {
    const replacement = replacements[name];
    if (replacement !== undefined) byNode.set(node, replacement);
  }
  return rewrite(graph(inputs, outputs), (node, original) => byNode.get(original) ?? node).outputs;
}
