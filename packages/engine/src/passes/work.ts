import { type Graph, nodesOf } from "../graph.ts";
import { sizeOf, type Tensor } from "../tensor.ts";

/** What a node costs by itself, in multiply-adds: about a microsecond of a core. */
const overhead = 30_000;

/** Multiply-adds that take as long as moving one element to or from memory. */
const movement = 10;

const free = new Set(["input", "constant", "reshape"]);

/** Multiply-adds inside a node. */
function products(node: Tensor): number {
  const [a, b] = node.inputs;
  if (node.op.name === "matmul")
    return sizeOf(node.shape) * a!.shape.at(node.attributes.transposeA === true ? -2 : -1)!;
  if (node.op.name === "conv") return sizeOf(node.shape) * sizeOf(b!.shape.slice(1));
  if (node.op.name === "convInputGradient") return sizeOf(a!.shape) * sizeOf(b!.shape.slice(1));
  if (node.op.name === "convFilterGradient") return sizeOf(b!.shape) * sizeOf(node.shape.slice(1));
  return 0;
}

/** A rough estimate of what running a graph takes, in multiply-adds; for choosing between equal graphs, not for predicting time. */
export function workOf(graph: Graph): number {
  let work = 0;
  for (const node of nodesOf(graph)) {
    if (free.has(node.op.name)) continue;
    const moved = node.inputs.reduce((total, input) => total + sizeOf(input.shape), sizeOf(node.shape));
    work += overhead + movement * moved + products(node);
  }
  return work;
}
