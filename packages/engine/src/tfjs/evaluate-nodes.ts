import { EngineError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { tfjsTypes } from "./arrays.ts";
import { tfjsRules } from "./rules/table.ts";
import type { Tfjs, TfjsTensor } from "./tfjs.ts";

/**
 * Computes nodes in order and returns the tensors of `outputs`; every other tensor is freed after its last use.
 *
 * @param nodes every node after its inputs.
 * @param known tensors of inputs and constants; they are left alone.
 * @throws EngineError `runtime` when a kernel fails, with the op's name and what TensorFlow.js said.
 */
export function evaluateNodes(
  tf: Tfjs,
  nodes: readonly Tensor[],
  known: ReadonlyMap<Tensor, TfjsTensor>,
  outputs: readonly Tensor[],
): TfjsTensor[] {
  const uses = new Map<Tensor, number>();
  const count = (node: Tensor): void => void uses.set(node, (uses.get(node) ?? 0) + 1);
  for (const node of nodes) node.inputs.forEach(count);
  outputs.forEach(count);
  const values = new Map(known);
  for (const node of nodes) {
    if (values.has(node)) continue;
    const operands = node.inputs.map((input) => values.get(input)!);
    values.set(
      node,
      tf.tidy(() => compute(tf, node, operands)),
    );
    for (const input of node.inputs) {
      const left = uses.get(input)! - 1;
      uses.set(input, left);
      if (left > 0 || known.has(input)) continue;
      values.get(input)!.dispose();
      values.delete(input);
    }
  }
  // A tensor of its own for every output: two may be the same node, and one may be an input.
  return outputs.map((node) => tf.clone(values.get(node)!));
}

/** One node's tensor: never one of the operands, so that either can be freed alone. */
function compute(tf: Tfjs, node: Tensor, operands: readonly TfjsTensor[]): TfjsTensor {
  try {
    const result = tf.cast(tfjsRules[node.op.name]!(tf, operands, node), tfjsTypes[node.dtype]);
    return operands.includes(result) ? tf.clone(result) : result;
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw new EngineError("runtime", `TensorFlow.js (${tf.getBackend()}) failed in the op "${node.op.name}": ${said}`);
  }
}
