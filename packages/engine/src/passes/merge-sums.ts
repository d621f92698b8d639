import { type Graph, nodesOf, rewrite, usesOf } from "../graph.ts";
import { add } from "../ops/arithmetic.ts";
import type { Tensor } from "../tensor.ts";
import { sameShape } from "./arithmetic-rules.ts";
import { mergeInnerProducts } from "./merge-inner-products.ts";
import { mergeProducts } from "./merge-products.ts";
import { mergeWindows } from "./merge-windows.ts";

/** Terms that a merger takes out of a sum, and the one that it puts in their place. */
export interface Merged {
  readonly terms: readonly Tensor[];
  readonly replacement: Tensor;
}

/** Finds terms of a sum that cost less as one; `usedOnce` says that a node has no other use. */
export type Merger = (terms: readonly Tensor[], usedOnce: (node: Tensor) => boolean) => readonly Merged[];

/** The terms that a tree of additions of one shape adds up, left to right. */
function termsOf(root: Tensor, inside: (node: Tensor) => boolean): Tensor[] {
  const terms: Tensor[] = [];
  const stack = [...root.inputs].reverse();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (inside(node)) stack.push(...[...node.inputs].reverse());
    else terms.push(node);
  }
  return terms;
}

/**
 * Sums of many terms in fewer nodes: windows side by side become one concatenation, products of few inner terms one product of longer ones, short inner
 * products one long one. Such sums are what derivatives leave where a tensor is read in pieces or a weight is used in many steps.
 */
export function mergeSums(graph: Graph): Graph {
  return mergeTerms(graph, [mergeWindows, mergeProducts, mergeInnerProducts]);
}

/** Merges terms of every sum of one shape by each merger in turn. */
export function mergeTerms(graph: Graph, mergers: readonly Merger[]): Graph {
  const uses = usesOf(graph);
  const inner = new Set<Tensor>();
  const isSum = (node: Tensor): boolean =>
    node.op.name === "add" && node.inputs.every((input) => sameShape(input.shape, node.shape));
  for (const node of nodesOf(graph)) {
    if (!isSum(node)) continue;
    for (const input of node.inputs) if (isSum(input) && uses.get(input) === 1) inner.add(input);
  }
  // Replaced nodes take over the uses of those that they replace.
  const usesAfter = new Map<Tensor, number>();
  const usedOnce = (node: Tensor): boolean => usesAfter.get(node) === 1;
  const summed = new Map<Tensor, Tensor>();
  return rewrite(graph, (node, original) => {
    let result = node;
    if (inner.has(original)) summed.set(node, original);
    else if (isSum(original)) {
      const terms = termsOf(node, (term) => summed.has(term));
      result = merge(terms, mergers, usedOnce) ?? node;
    }
    usesAfter.set(result, (usesAfter.get(result) ?? 0) + (uses.get(original) ?? 0));
    return result;
  });
}

function merge(
  terms: readonly Tensor[],
  mergers: readonly Merger[],
  usedOnce: (node: Tensor) => boolean,
): Tensor | undefined {
  let rest = terms;
  for (const merger of mergers) {
    for (const { terms: taken, replacement } of merger(rest, usedOnce)) {
      const gone = new Set(taken);
      rest = [...rest.filter((term) => !gone.has(term)), replacement];
    }
  }
  return rest === terms ? undefined : rest.reduce((a, b) => add(a, b));
}
