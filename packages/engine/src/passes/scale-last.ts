import { type Graph, nodesOf, usesOf } from "../graph.ts";
import { div, mul } from "../ops/arithmetic.ts";
import { uniformValue } from "../ops/leaf.ts";
import { sizeOf, type Tensor } from "../tensor.ts";

/** Sums that are a smaller share of the nodes are not worth rebuilding what depends on them. */
const fewest = 0.01;

/** Ops that are linear in all their operands together. */
const linear = new Set(["add", "sub", "neg", "reshape", "transpose", "broadcastTo", "sum", "slice", "pad", "concat"]);

/** Ops that are linear in each of their two operands. */
const bilinear = new Set(["mul", "matmul", "conv", "convInputGradient", "convFilterGradient"]);

/** (s, x) of a product s x with a single number s that is not constant. */
function singleTimes(node: Tensor): { s: Tensor; x: Tensor } | undefined {
  if (node.op.name !== "mul") return undefined;
  const [a, b] = node.inputs as [Tensor, Tensor];
  const [s, x] = a.shape.length === 0 ? [a, b] : [b, a];
  return s.shape.length === 0 && x.shape.length > 0 && s.op.name !== "constant" ? { s, x } : undefined;
}

/** Two single numbers; the second is c / z with a constant c that is not 0. */
interface Pair {
  readonly s: Tensor;
  readonly t: Tensor;
}

const isQuotient = ({ op, inputs }: Tensor): boolean =>
  op.name === "div" && inputs[0]!.op.name === "constant" && (uniformValue(inputs[0]!) ?? 0) !== 0;

/** The pair of numbers that meets in the most sums s x + t y. */
function commonPair(nodes: readonly Tensor[]): (Pair & { count: number }) | undefined {
  const counts = new Map<Tensor, Map<Tensor, number>>();
  let best: (Pair & { count: number }) | undefined;
  for (const node of nodes) {
    if (node.op.name !== "add") continue;
    const [left, right] = node.inputs.map(singleTimes);
    if (left === undefined || right === undefined || left.s === right.s) continue;
    const [s, t] = isQuotient(right.s) ? [left.s, right.s] : [right.s, left.s];
    if (!isQuotient(t)) continue;
    const withT = counts.get(t) ?? new Map<Tensor, number>();
    counts.set(t, withT);
    const count = (withT.get(s) ?? 0) + 1;
    withT.set(s, count);
    if (count > (best?.count ?? 1)) best = { s, t, count };
  }
  return best;
}

/** r x; of a product that nothing else reads r scales the smallest of factors and product. */
function scaled(x: Tensor, r: Tensor, usedOnce: boolean): Tensor {
  const [a, b] = x.inputs as [Tensor, Tensor];
  if (x.op.name !== "matmul" || !usedOnce || Math.min(sizeOf(a.shape), sizeOf(b.shape)) >= sizeOf(x.shape))
    return mul(x, r);
  return { ...x, inputs: sizeOf(a.shape) <= sizeOf(b.shape) ? [mul(a, r), b] : [a, mul(b, r)] };
}

/** Nodes that are t times something that depends on s / t only, by what that something is. */
function withoutFactor(graph: Graph, { s, t }: Pair): ReadonlyMap<Tensor, Tensor> {
  const [c, z] = t.inputs as [Tensor, Tensor];
  const ratio = div(mul(s, z), c);
  const uses = usesOf(graph);
  const reduced = new Map<Tensor, Tensor>();
  for (const node of nodesOf(graph)) {
    const carried = node.inputs.filter((input) => reduced.has(input)).length;
    const inputs = node.inputs.map((input) => reduced.get(input) ?? input);
    const all = carried === inputs.length && linear.has(node.op.name);
    const one = carried === 1 && inputs.length === 2 && bilinear.has(node.op.name);
    if (carried > 0) {
      if (all || one) reduced.set(node, { ...node, inputs });
      continue;
    }
    const product = singleTimes(node);
    if (product?.s === t) reduced.set(node, product.x);
    else if (product?.s === s) reduced.set(node, scaled(product.x, ratio, uses.get(product.x) === 1));
  }
  return reduced;
}

/**
 * Multiplies by a number once, after sums, instead of each of their terms before: with s and t = c / z
 *
 *     L(s x₁ + t y₁) + M(s x₂ + t y₂) + … = t (L(r x₁ + y₁) + M(r x₂ + y₂) + …),     r = s z / c,
 *
 * for linear L, M, …. Such sums are the derivatives of a cosine by a gradient, whose every part is s times itself and t times what it is compared with.
 */
export function scaleLast(graph: Graph): Graph {
  const nodes = nodesOf(graph);
  const pair = commonPair(nodes);
  if (pair === undefined || pair.count < fewest * nodes.length) return graph;
  const reduced = withoutFactor(graph, pair);
  const rebuilt = new Map<Tensor, Tensor>();
  // What is not t times something takes its operands as they were.
  for (const node of nodes) {
    const less = reduced.get(node);
    if (less !== undefined) {
      rebuilt.set(node, singleTimes(node)?.s === pair.s || singleTimes(node)?.s === pair.t ? node : mul(less, pair.t));
      continue;
    }
    const inputs = node.inputs.map((input) => rebuilt.get(input)!);
    rebuilt.set(node, inputs.every((input, i) => input === node.inputs[i]) ? node : { ...node, inputs });
  }
  const outputs = Object.fromEntries(Object.entries(graph.outputs).map(([name, node]) => [name, rebuilt.get(node)!]));
  const scaled = { inputs: graph.inputs, outputs };
  return operations(scaled) < operations(graph) ? scaled : graph;
}

const operations = (graph: Graph): number => nodesOf(graph).filter((node) => node.inputs.length > 0).length;
