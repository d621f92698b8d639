import { type Graph, rewrite } from "../graph.ts";
import { structuralKey } from "../structural-key.ts";
import type { Tensor } from "../tensor.ts";

const commutative = new Set(["add", "mul", "equal"]);

/**
 * Common-subexpression elimination: nodes that compute the same value become one node.
 *
 * Hash consing: one look-up a node, with operands already merged, so that whole equal subgraphs collapse in one sweep. Operands of commutative ops
 * are compared without their order.
 */
export function eliminateCommonSubexpressions(graph: Graph): Graph {
  const ids = new Map<Tensor, number>();
  const known = new Map<string, Tensor>();
  return rewrite(graph, (node) => {
    const { inputs } = node;
    const exchange =
      commutative.has(node.op.name) && inputs.length === 2 && ids.get(inputs[0]!)! > ids.get(inputs[1]!)!;
    const ordered = exchange ? { ...node, inputs: [inputs[1]!, inputs[0]!] } : node;
    const key = structuralKey(ordered, (input) => ids.get(input)!);
    const existing = known.get(key);
    if (existing !== undefined) return existing;
    known.set(key, node);
    ids.set(node, known.size);
    return node;
  });
}
