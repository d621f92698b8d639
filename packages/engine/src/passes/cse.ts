import { type Graph, rewrite } from "../graph.ts";
import { structuralKey } from "../structural-key.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Remembers nodes by what they compute and gives back the first of each kind, with its operands merged as well.
 *
 * Hash consing: one look-up a node, so that whole equal subgraphs collapse in one sweep. Nodes should come after their inputs; new ones among the inputs are
 * merged on the way.
 */
export function merger(): (node: Tensor) => Tensor {
  const ids = new Map<Tensor, number>();
  const known = new Map<string, Tensor>();
  const merge = (node: Tensor): Tensor => {
    if (ids.has(node)) return node;
    const inputs = node.inputs.map(merge);
    const merged = inputs.every((input, i) => input === node.inputs[i]) ? node : { ...node, inputs };
    // Two inputs are two values, whatever they are called.
    const key = node.op.name === "input" ? `${ids.size}` : structuralKey(merged, (input) => ids.get(input)!);
    const existing = known.get(key);
    if (existing !== undefined) return existing;
    known.set(key, merged);
    ids.set(merged, ids.size);
    return merged;
  };
  return merge;
}

/** Common-subexpression elimination: nodes that compute the same value become one node. */
export function eliminateCommonSubexpressions(graph: Graph): Graph {
  return rewrite(graph, merger());
}
