import { EngineError } from "../errors.ts";
import { type Op, sizeOf, type Tensor } from "../tensor.ts";

const afterOp: Op = {
  name: "after",
  vjp: (_node, cotangent) => [cotangent, null],
  jvp: (_node, [x]) => x ?? null,
  map: (node, operands, count) => {
    const { mapped } = operands[0]!;
    const inputs = operands.map(({ tensor }) => tensor);
    return { tensor: { ...node, inputs, shape: mapped ? [count, ...node.shape] : node.shape }, mapped };
  },
  evaluate: (_node, [x]) => x!,
  // x − [|c₀| < 0]: nothing that a runtime knows to be x, and x to the last bit, whatever c holds.
  lower: (_node, [x, cause], emit) => {
    const first = emit.node("Slice", [
      emit.node("Reshape", [cause!, emit.ints([-1])]),
      emit.ints([0]),
      emit.ints([1]),
      emit.ints([0]),
    ]);
    const single = emit.node("Reshape", [first, emit.ints([])]);
    const never = emit.node("Less", [emit.node("Abs", [single]), emit.float([0], [])]);
    return emit.node("Sub", [x!, emit.cast(never, "float")]);
  },
};

/**
 * x, once c is known: the same numbers and derivatives, but a value of its own, which no pass and no runtime merges with x. What is computed from it cannot
 * run before c.
 *
 * @param c a float tensor of any shape.
 * @throws EngineError `dtype` when one of them is not float, `shape` when c is empty.
 */
export function after(x: Tensor, c: Tensor): Tensor {
  if (x.dtype !== "float" || c.dtype !== "float")
    throw new EngineError("dtype", `after: both must be float; these are ${x.dtype} and ${c.dtype}.`);
  if (sizeOf(c.shape) === 0) throw new EngineError("shape", "after: an empty tensor is never computed.");
  return { op: afterOp, inputs: [x, c], attributes: {}, shape: x.shape, dtype: x.dtype };
}
