import { type Graph, rewrite } from "../graph.ts";
import { structuralKey } from "../structural-key.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Common-subexpression elimination: nodes that compute the same value become one node.
 *
 * Hash consing: one look-up a node, with operands already merged, so that whole equal subgraphs collapse in one sweep.
 */
export function eliminateCommonSubexpressions(graph: Graph): Graph {
  const ids = new Map<Tensor, number>();
  const known = new Map<string, Tensor>();
  return rewrite(graph, (node) => {
    // Two inputs are two values, whatever they are called.
    const key = node.op.name === "input" ? `${ids.size}` : structuralKey(node, (input) => ids.get(input)!);
    const existing = known.get(key);
    if (existing !== undefined) return existing;
    known.set(key, node);
    ids.set(node, ids.size);
    return node;
  });
}
