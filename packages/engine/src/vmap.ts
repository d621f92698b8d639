import { EngineError } from "./errors.ts";
import { topologicalOrder } from "./graph.ts";
import { broadcastTo, reshape } from "./ops/shape.ts";
import { concat, slice } from "./ops/slice.ts";
import type { MappedOperand, Tensor } from "./tensor.ts";

/**
 * One computation for many values of some of its inputs: yₖ = f(xₖ), k = 1 … K, as new nodes over the same graph.
 *
 * What does not depend on the inputs is computed once. Ops with a rule work on all K at once; any other is repeated K times.
 *
 * @param outputs y of any shapes.
 * @param inputs x; any nodes of the graph, which then count as independent.
 * @param values x₁ … x_K, one below the other: [K, ...x.shape] for every x.
 * @returns y₁ … y_K, one below the other: [K, ...y.shape] for every y.
 * @throws EngineError `shape` when values do not fit.
 * @see J. Bradbury et al., JAX: composable transformations of Python+NumPy programs, 2018 (`vmap`).
 */
export function vmap(outputs: readonly Tensor[], inputs: readonly Tensor[], values: readonly Tensor[]): Tensor[] {
  const count = values[0]?.shape[0] ?? 1;
  const mapped = new Map<Tensor, Tensor>();
  inputs.forEach((x, i) => {
    const value = values[i];
    if (value === undefined || value.shape.join() !== [count, ...x.shape].join())
      throw new EngineError("shape", `vmap: values ${i} must have shape [${[count, ...x.shape].join(", ")}].`);
    mapped.set(x, value);
  });
  for (const node of topologicalOrder(outputs)) {
    if (mapped.has(node) || !node.inputs.some((operand) => mapped.has(operand))) continue;
    const operands = node.inputs.map((own): MappedOperand => {
      const all = mapped.get(own);
      return all === undefined ? { tensor: own, mapped: false } : { tensor: all, mapped: true };
    });
    mapped.set(node, node.op.map?.(node, operands, count) ?? repeated(node, operands, count));
  }
  return outputs.map((y) => mapped.get(y) ?? broadcastTo(reshape(y, [1, ...y.shape]), [count, ...y.shape]));
}

/** The node K times over. */
function repeated(node: Tensor, operands: readonly MappedOperand[], count: number): Tensor {
  const rows = Array.from({ length: count }, (_, k) => {
    const inputs = operands.map(({ tensor, mapped }, i) => {
      if (!mapped) return tensor;
      const starts = tensor.shape.map((_, axis) => (axis === 0 ? k : 0));
      return reshape(slice(tensor, starts, [1, ...tensor.shape.slice(1)]), node.inputs[i]!.shape);
    });
    return reshape({ ...node, inputs }, [1, ...node.shape]);
  });
  return concat(rows, 0);
}
