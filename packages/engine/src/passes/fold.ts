import { type Graph, rewrite } from "../graph.ts";
import { constant } from "../ops/leaf.ts";
import { sizeOf, type Tensor } from "../tensor.ts";

/** Results up to this many elements are folded even where they are larger than what they are made of. */
const small = 256;

/** The value of a node whose operands are all constants, as a constant; any other node as it is. */
export function foldNode(node: Tensor): Tensor {
  if (
    node.op.name === "broadcastTo" ||
    node.inputs.length === 0 ||
    node.inputs.some((input) => input.op.name !== "constant")
  )
    return node;
  const held = node.inputs.reduce((total, input) => total + sizeOf(input.shape), 0);
  if (sizeOf(node.shape) > Math.max(held, small)) return node;
  const values = node.op.evaluate(
    node,
    node.inputs.map((input) => input.attributes.value as Float64Array),
  );
  return constant(values, node.shape, node.dtype);
}

/**
 * Constant folding: a node whose operands are all constants becomes its value, computed in float64 by the op's own definition.
 *
 * Repetition is left alone: elementwise ops do it anyway, and stored it would be many copies of few numbers.
 */
export function foldConstants(graph: Graph): Graph {
  return rewrite(graph, foldNode);
}
