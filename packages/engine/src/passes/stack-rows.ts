import { type Graph, nodesOf, usesOf } from "../graph.ts";
import { productSumsOf } from "../onnx/product-sums.ts";
import { concat, slice } from "../ops/slice.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { rolesOf } from "./roles.ts";
import { type Rowwise, rowwise, stackingKey } from "./rowwise.ts";

/** Fewer nodes are not worth a concatenation and a cut. */
const fewest = 6;

/** Larger nodes cost more to copy than their number costs. */
const largest = 2 ** 12;

/** How far roles look: less than a step of a loop, so that all steps but the first and last look alike. */
const radius = 6;

/** Nodes that are computed as one. */
interface Stack {
  readonly members: readonly number[];
}

/** Sets of candidates that share a key, the large ones only. */
function grouped(candidates: readonly number[], key: (i: number) => string): number[][] {
  const groups = new Map<string, number[]>();
  for (const i of candidates) {
    const name = key(i);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [i]);
    else group.push(i);
  }
  return [...groups.values()].filter((group) => group.length >= fewest);
}

/** Number of edges on the longest way from a leaf to every node. */
function depthsOf(operands: readonly (readonly number[])[]): Int32Array {
  const depths = new Int32Array(operands.length);
  operands.forEach((inputs, i) => {
    for (const input of inputs) depths[i] = Math.max(depths[i]!, depths[input]! + 1);
  });
  return depths;
}

/** Sums that cost nothing, since a product that has too few like it to be stacked adds while it multiplies. */
function addedWhileMultiplying(graph: Graph, keys: readonly string[]): ReadonlySet<Tensor> {
  const nodes = nodesOf(graph);
  const alike = new Map<string, number>();
  for (const key of keys) alike.set(key, (alike.get(key) ?? 0) + 1);
  const keyOf = new Map(nodes.map((node, i) => [node, keys[i]!]));
  const sums = [...productSumsOf(nodes, usesOf(graph))];
  return new Set(sums.filter(([, { product }]) => !(alike.get(keyOf.get(product)!)! >= fewest)).map(([sum]) => sum));
}

/** Chooses stacks such that, each taken as one node, the graph has no cycle. */
function chooseStacks(
  graph: Graph,
  operands: readonly (readonly number[])[],
  rows: readonly (Rowwise | undefined)[],
): Map<number, Stack> {
  const nodes = nodesOf(graph);
  const readers: number[][] = nodes.map(() => []);
  operands.forEach((inputs, i) => {
    for (const input of inputs) readers[input]!.push(i);
  });
  const stacks = new Map<number, Stack>();
  /** Whether a way out of the members leads back to one of them. */
  const circular = (members: readonly number[]): boolean => {
    const own = new Set(members);
    const seen = new Set<number>();
    const pending = members.flatMap((i) => readers[i]!);
    for (let i = pending.pop(); i !== undefined; i = pending.pop()) {
      if (own.has(i)) return true;
      if (seen.has(i)) continue;
      for (const member of stacks.get(i)?.members ?? [i]) {
        seen.add(member);
        pending.push(...readers[member]!);
      }
    }
    return false;
  };
  const index = new Map(nodes.map((node, i) => [node, i]));
  const keys = nodes.map((node, i) => {
    const how = rows[i];
    return how === undefined ? "" : stackingKey(node, how, (operand) => index.get(operand)!);
  });
  const addedByProducts = addedWhileMultiplying(graph, keys);
  const candidates = nodes
    .map((_, i) => i)
    .filter((i) => rows[i] !== undefined && sizeOf(nodes[i]!.shape) <= largest && !addedByProducts.has(nodes[i]!));
  const roles = rolesOf(nodes, radius);
  const depths = depthsOf(operands);
  for (const likeness of [roles, depths]) {
    const free = candidates.filter((i) => !stacks.has(i));
    for (const members of grouped(free, (i) => `${keys[i]} ${likeness[i]}`)) {
      if (repeats(members, operands, rows, nodes) || circular(members)) continue;
      for (const member of members) stacks.set(member, { members });
    }
  }
  return stacks;
}

/** Whether an operand with several rows is the same for all: stacking would have to copy it. */
function repeats(
  members: readonly number[],
  operands: readonly (readonly number[])[],
  rows: readonly (Rowwise | undefined)[],
  nodes: readonly Tensor[],
): boolean {
  return rows[members[0]!]!.stacked.some((stacked, slot) => {
    const first = operands[members[0]!]![slot]!;
    return stacked && nodes[first]!.shape[0] !== 1 && members.every((i) => operands[i]![slot] === first);
  });
}

const startOf = (node: Tensor): number => (node.attributes.starts as readonly number[])[0]!;

/** Whether a node is a window of rows, whole in every other axis. */
const isRows = (node: Tensor): boolean =>
  node.op.name === "slice" && node.shape.every((extent, axis) => axis === 0 || extent === node.inputs[0]!.shape[axis]);

/** The members in the order in which their operands already lie in one tensor, if any does. */
function inOrder(members: readonly (readonly Tensor[])[], stacked: readonly boolean[]): number[] {
  const order = members.map((_, i) => i);
  for (let slot = 0; slot < stacked.length; slot++) {
    const source = members[0]![slot]!.inputs[0];
    const lies = stacked[slot] && members.every((m) => isRows(m[slot]!) && m[slot]!.inputs[0] === source);
    if (lies) return order.sort((a, b) => startOf(members[a]![slot]!) - startOf(members[b]![slot]!));
  }
  return order;
}

/** Tensors one below the other; windows of rows that lie so already are not copied. */
function stackOf(parts: readonly Tensor[]): Tensor {
  const first = parts[0]!;
  if (first.shape[0] === 1 && parts.every((part) => part === first)) return first;
  const runs: { source: Tensor; start: number; rows: number }[] = [];
  for (const part of parts) {
    const [source, start] = isRows(part) ? [part.inputs[0]!, startOf(part)] : [part, 0];
    const last = runs.at(-1);
    if (last !== undefined && last.source === source && last.start + last.rows === start) last.rows += part.shape[0]!;
    else runs.push({ source, start, rows: part.shape[0]! });
  }
  return concat(
    runs.map(({ source, start, rows }) => windowOf(source, start, rows)),
    0,
  );
}

const windowOf = (x: Tensor, start: number, rows: number): Tensor =>
  slice(x, [start, ...x.shape.slice(1).map(() => 0)], [rows, ...x.shape.slice(1)]);

/** What a graph costs in nodes: windows of one tensor are cut by one node, each adding little; so does each part of a concatenation. */
function nodeCost(graph: Graph): number {
  let cost = 0;
  const cut = new Set<Tensor>();
  for (const node of nodesOf(graph)) {
    if (node.inputs.length === 0) continue;
    if (node.op.name === "slice") {
      cost += cut.has(node.inputs[0]!) ? 0.2 : 1;
      cut.add(node.inputs[0]!);
    } else cost += node.op.name === "concat" ? 1 + 0.1 * node.inputs.length : 1;
  }
  return cost;
}

/**
 * Computes small nodes that do the same to different rows as one node on all rows, wherever none of them waits for another: what every step of an unrolled
 * loop does apart from its recurrence, and what happens alike to many small tensors.
 *
 * The graph is returned as it was unless its cost in nodes falls.
 *
 * @see G. Neubig, Y. Goldberg and C. Dyer, On-the-fly operation batching in dynamic computation graphs, NeurIPS 2017
 */
export function stackRows(graph: Graph): Graph {
  const nodes = nodesOf(graph);
  const index = new Map(nodes.map((node, i) => [node, i]));
  const operands = nodes.map((node) => node.inputs.map((input) => index.get(input)!));
  const rows = nodes.map((node) => rowwise(node));
  const stacks = chooseStacks(graph, operands, rows);
  if (stacks.size === 0) return graph;

  const built = new Array<Tensor | undefined>(nodes.length);
  const build = (members: readonly number[]): void => {
    const how = rows[members[0]!]!;
    const inputs = members.map((i) => operands[i]!.map((input) => built[input]!));
    const order = inOrder(inputs, how.stacked);
    const joint = how.apply(
      how.stacked.map((stacked, slot) => (stacked ? stackOf(order.map((k) => inputs[k]![slot]!)) : inputs[0]![slot]!)),
    );
    let start = 0;
    for (const k of order) {
      // A single row where every operand was the same for all: then so is the result.
      if (joint.shape[0] === 1) {
        built[members[k]!] = joint;
        continue;
      }
      const extent = nodes[members[k]!]!.shape[0]!;
      built[members[k]!] = windowOf(joint, start, extent);
      start += extent;
    }
  };
  // Depth first over nodes and stacks, since a stack waits for the operands of all its members.
  const pending = Object.values(graph.outputs).map((node) => index.get(node)!);
  while (pending.length > 0) {
    const i = pending.at(-1)!;
    const members = stacks.get(i)?.members ?? [i];
    const missing = built[i] === undefined ? members.flatMap((m) => operands[m]!).filter((m) => !built[m]) : [];
    if (missing.length > 0) pending.push(...missing);
    else {
      pending.pop();
      if (built[i] !== undefined) continue;
      if (stacks.has(i)) build(members);
      else {
        const inputs = operands[i]!.map((input) => built[input]!);
        const node = nodes[i]!;
        built[i] = inputs.every((input, k) => input === node.inputs[k]) ? node : { ...node, inputs };
      }
    }
  }
  const outputs = Object.fromEntries(
    Object.entries(graph.outputs).map(([name, node]) => [name, built[index.get(node)!]!]),
  );
  const stacked = { inputs: graph.inputs, outputs };
  return nodeCost(stacked) < nodeCost(graph) ? stacked : graph;
}
