import { EngineError } from "./errors.ts";
import { topologicalOrder } from "./graph.ts";
import { allOf } from "./ops/mapped.ts";
import { reshape } from "./ops/shape.ts";
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
  // What every node becomes that depends on the inputs.
  const known = new Map<Tensor, MappedOperand>();
  inputs.forEach((x, i) => {
    const value = values[i];
    if (value === undefined || value.shape.join() !== [count, ...x.shape].join())
      throw new EngineError("shape", `vmap: values ${i} must have shape [${[count, ...x.shape].join(", ")}].`);
    known.set(x, { tensor: value, mapped: true });
  });
  for (const node of topologicalOrder(outputs)) {
    if (known.has(node) || !node.inputs.some((operand) => known.has(operand))) continue;
    const operands = node.inputs.map((own) => known.get(own) ?? { tensor: own, mapped: false });
    known.set(
      node,
      operands.some(({ mapped }) => mapped) ? mappedNode(node, operands, count) : sameForAll(node, operands),
    );
  }
  return outputs.map((y) => allOf(known.get(y) ?? { tensor: y, mapped: false }, count));
}

function mappedNode(node: Tensor, operands: readonly MappedOperand[], count: number): MappedOperand {
  const result = node.op.map?.(node, operands, count) ?? repeated(node, operands, count);
  return "tensor" in result ? result : { tensor: result, mapped: true };
}

/** The node where an operand has become another node, but one value for all. */
const sameForAll = (node: Tensor, operands: readonly MappedOperand[]): MappedOperand => ({
  tensor: { ...node, inputs: operands.map(({ tensor }) => tensor) },
  mapped: false,
});

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
