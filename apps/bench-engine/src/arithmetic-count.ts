import { type Graph, nodesOf, sizeOf, type Tensor } from "@recon/engine";

/** Operations a node: two a multiplication with addition in products, one an element computed elsewhere, none where elements only move. */
const rules: Readonly<Record<string, (node: Tensor) => number>> = {
  matmul: (node) => 2 * sizeOf(node.shape) * node.inputs[0]!.shape.at(node.attributes.transposeA === true ? -2 : -1)!,
  conv: (node) => 2 * sizeOf(node.shape) * sizeOf(node.inputs[1]!.shape.slice(1)),
  convInputGradient: (node) => 2 * sizeOf(node.inputs[0]!.shape) * sizeOf(node.inputs[1]!.shape.slice(1)),
  convFilterGradient: (node) => 2 * sizeOf(node.inputs[1]!.shape) * sizeOf(node.shape.slice(1)),
  sum: (node) => sizeOf(node.inputs[0]!.shape),
  sumPool: (node) => sizeOf(node.inputs[0]!.shape),
};
const free = new Set([
  "input",
  "constant",
  "reshape",
  "transpose",
  "broadcastTo",
  "slice",
  "pad",
  "concat",
  "enlarge",
  "stopGradient",
]);

/** Floating-point operations of a graph in units of 10⁹. */
export function gigaOperations(graph: Graph): number {
  let operations = 0;
  for (const node of nodesOf(graph)) {
    if (!free.has(node.op.name)) operations += (rules[node.op.name] ?? ((n: Tensor) => sizeOf(n.shape)))(node);
  }
  return operations / 1e9;
}
