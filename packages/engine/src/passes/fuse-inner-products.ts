import { type Graph, rewrite } from "../graph.ts";
import { innerProduct } from "../ops/inner-product.ts";
import { sizeOf } from "../tensor.ts";
import { sameShape } from "./arithmetic-rules.ts";
import { type Merger, mergeTerms } from "./merge-sums.ts";

/** A sum of inner products is one inner product of several pairs. */
const joinInnerProducts: Merger = (terms, usedOnce) => {
  const inner = terms.filter((term) => term.op.name === "innerProduct" && usedOnce(term));
  return inner.length < 2 ? [] : [{ terms: inner, replacement: innerProduct(...inner.flatMap((term) => term.inputs)) }];
};

/** Turns Σ a ∘ b over all elements into one node, which reads its operands once and stores nothing in between; and sums of such nodes into one. */
export function fuseInnerProducts(graph: Graph): Graph {
  const fused = rewrite(graph, (node) => {
    const product = node.inputs[0];
    if (node.op.name !== "sum" || node.shape.length > 0 || product?.op.name !== "mul") return node;
    const [a, b] = product.inputs;
    if (a === undefined || b === undefined || !sameShape(a.shape, b.shape) || sizeOf(a.shape) === 0) return node;
    return innerProduct(a, b);
  });
  return mergeTerms(fused, [joinInnerProducts]);
}
