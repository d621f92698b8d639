import { type Graph, nodesOf, rewrite } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { eliminateCommonSubexpressions, merger } from "./cse.ts";
import { dropUnitAxis } from "./drop-unit-axis.ts";
import { eliminateDead } from "./eliminate-dead.ts";
import { factorGram } from "./factor-gram.ts";
import { foldNode } from "./fold.ts";
import { fuseInnerProducts } from "./fuse-inner-products.ts";
import { mergeSums } from "./merge-sums.ts";
import { scaleLast } from "./scale-last.ts";
import { type Simplifier, simplifier } from "./simplify.ts";
import { stackRows } from "./stack-rows.ts";

/** Enough for every graph seen; a bound, so that no pair of identities can keep each other going for ever. */
const mostRounds = 12;

/** Inputs and constants are there; only the rest is computed. */
const operations = (nodes: readonly Tensor[]): number => nodes.filter((node) => node.inputs.length > 0).length;

/** Whether two graphs are the same nodes; a pass that has nothing to do gives back those that it was given. */
const same = (a: Graph, b: Graph): boolean =>
  Object.entries(a.outputs).every(([name, node]) => b.outputs[name] === node);

/** Folds, simplifies and merges what became equal, all in one sweep over the nodes, until nothing changes; the result never computes more nodes. */
function toFixedPoint(graph: Graph): Graph {
  let current = graph;
  let count = operations(nodesOf(current));
  let before: Simplifier | undefined;
  for (let round = 0; round < mostRounds; round++) {
    const sweep = simplifier(current, before);
    const merge = merger();
    const next = rewrite(current, (node, original) => sweep.simplify(foldNode(node), original, merge));
    if (same(next, current)) break;
    const nextCount = operations(nodesOf(next));
    if (nextCount > count) break;
    [current, count, before] = [next, nextCount, sweep];
  }
  return current;
}

/** The graph without leading axes of one element where that computes fewer nodes. */
function withoutUnitAxis(graph: Graph): Graph {
  const dropped = dropUnitAxis(graph);
  if (dropped === graph) return graph;
  const simpler = toFixedPoint(dropped);
  return operations(nodesOf(simpler)) < operations(nodesOf(graph)) ? simpler : graph;
}

/**
 * The same outputs for less work: common subexpressions, sums of pieces, constants and algebraic identities to a fixed point, products of few terms kept apart
 * where that pays, rows that are treated alike computed together, and inputs that nothing needs dropped.
 *
 * The result never computes more nodes than the graph it came from, windows of one tensor counted as one, except where `factorGram` trades one large matrix for
 * several small ones.
 */
export function optimise(graph: Graph): Graph {
  const simple = withoutUnitAxis(toFixedPoint(mergeSums(eliminateCommonSubexpressions(graph))));
  const factored = factorGram(simple);
  const separate = factored === simple ? simple : toFixedPoint(factored);
  const stacked = stackRows(scaleLast(separate));
  return eliminateDead(fuseInnerProducts(stacked === separate ? separate : toFixedPoint(stacked)));
}
