import { type Graph, rewrite, usesOf } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { arithmeticRules } from "./arithmetic-rules.ts";
import { elementwiseRules } from "./elementwise.ts";
import { movementRules } from "./movement-rules.ts";
import { productRules } from "./product-rules.ts";
import { reductionRules } from "./reduction-rules.ts";

/**
 * An identity: what a node may be replaced by, or undefined where it does not apply.
 *
 * @param usedOnce whether an operand has no other use, so that replacing this node makes it disappear.
 */
export type Rule = (node: Tensor, usedOnce: (operand: Tensor) => boolean) => Tensor | undefined;

/** The identities of each op, tried in order. */
export type Rules = Readonly<Record<string, readonly Rule[]>>;

const families: readonly Rules[] = [arithmeticRules, movementRules, reductionRules, productRules, elementwiseRules];
const table = new Map<string, readonly Rule[]>();
for (const family of families) {
  for (const [name, rules] of Object.entries(family)) table.set(name, [...(table.get(name) ?? []), ...rules]);
}

/**
 * Algebraic simplification: neutral and absorbing elements, chains of numbers, signs, movements that cancel, sums of repetitions.
 *
 * The identities hold for finite numbers: 0 · x becomes 0, also where x would overflow. No identity adds nodes.
 */
export function simplify(graph: Graph): Graph {
  const uses = usesOf(graph);
  const usedOnce = (operand: Tensor): boolean => uses.get(operand) === 1;
  return rewrite(graph, (node, original) => {
    let current = node;
    for (let next = apply(current, usedOnce); next !== undefined; next = apply(current, usedOnce)) {
      // What the replacement now reads has one more use, until the next sweep counts afresh.
      for (const input of next.inputs) if (!current.inputs.includes(input)) uses.set(input, (uses.get(input) ?? 0) + 1);
      current = next;
    }
    // A replacement stands in for the node that it replaced, with that node's uses.
    if (current !== original) uses.set(current, (uses.get(current) ?? 0) + (uses.get(original) ?? 0));
    return current;
  });
}

function apply(node: Tensor, usedOnce: (operand: Tensor) => boolean): Tensor | undefined {
  for (const rule of table.get(node.op.name) ?? []) {
    const replacement = rule(node, usedOnce);
    if (replacement !== undefined) return replacement;
  }
  return undefined;
}
