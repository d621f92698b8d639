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

/** Replaces nodes by identities while a graph is rebuilt, and keeps count of who reads what. */
export interface Simplifier {
  /** What a node becomes; `finish` is what else happens to it before others read it. */
  readonly simplify: (node: Tensor, original: Tensor, finish?: (node: Tensor) => Tensor) => Tensor;
  /** Nodes to which nothing applied, by the uses that their operands had. */
  readonly settled: ReadonlyMap<Tensor, readonly number[]>;
}

/** @param before what the sweep before found settled: such a node is left alone as long as it and the uses of its operands are the same. */
export function simplifier(graph: Graph, before?: Simplifier): Simplifier {
  const uses = usesOf(graph);
  const usedOnce = (operand: Tensor): boolean => uses.get(operand) === 1;
  const settled = new Map<Tensor, readonly number[]>();
  const simplifyNode = (node: Tensor): Tensor => {
    const known = before?.settled.get(node);
    if (known?.every((count, i) => uses.get(node.inputs[i]!) === count)) return node;
    let current = node;
    for (let next = apply(current, usedOnce); next !== undefined; next = apply(current, usedOnce)) {
      // What the replacement now reads has one more use, until the next sweep counts afresh.
      for (const input of next.inputs) if (!current.inputs.includes(input)) uses.set(input, (uses.get(input) ?? 0) + 1);
      current = next;
    }
    return current;
  };
  return {
    settled,
    simplify: (node, original, finish = (done) => done) => {
      const simpler = simplifyNode(node);
      const result = finish(simpler);
      // A replacement stands in for the node that it replaced, with that node's uses.
      if (result !== original) uses.set(result, (uses.get(result) ?? 0) + (uses.get(original) ?? 0));
      if (result === original)
        settled.set(
          result,
          result.inputs.map((input) => uses.get(input)!),
        );
      return result;
    },
  };
}

/**
 * Algebraic simplification: neutral and absorbing elements, chains of numbers, signs, movements that cancel, sums of repetitions.
 *
 * The identities hold for finite numbers: 0 · x becomes 0, also where x would overflow. No identity adds nodes.
 */
export function simplify(graph: Graph): Graph {
  const { simplify } = simplifier(graph);
  return rewrite(graph, (node, original) => simplify(node, original));
}

function apply(node: Tensor, usedOnce: (operand: Tensor) => boolean): Tensor | undefined {
  for (const rule of table.get(node.op.name) ?? []) {
    const replacement = rule(node, usedOnce);
    if (replacement !== undefined) return replacement;
  }
  return undefined;
}
