import { type Graph, rewrite } from "../graph.ts";
import { innerProduct } from "../ops/inner-product.ts";
import { sizeOf } from "../tensor.ts";
import { sameShape } from "./arithmetic-rules.ts";

/** Turns Σ a ∘ b over all elements into one node, which reads its operands once and stores nothing in between. */
export function fuseInnerProducts(graph: Graph): Graph {
  return rewrite(graph, (node) => {
    const product = node.inputs[0];
    if (node.op.name !== "sum" || node.shape.length > 0 || product?.op.name !== "mul") return node;
    const [a, b] = product.inputs;
    if (a === undefined || b === undefined || !sameShape(a.shape, b.shape) || sizeOf(a.shape) === 0) return node;
    return innerProduct(a, b);
  });
}
