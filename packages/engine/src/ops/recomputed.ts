import { EngineError } from "../errors.ts";
import { vjp } from "../grad.ts";
import { topologicalOrder } from "../graph.ts";
import { type Op, sizeOf, type Tensor } from "../tensor.ts";
import { after } from "./after.ts";
import { reshape } from "./shape.ts";
import { concat, slice } from "./slice.ts";

/** The first operand, which was computed from the others. */
const recomputedOp: Op = {
  name: "recomputed",
  vjp: ({ inputs: [value, ...from] }, cotangent) => {
    const late = from.map((x) => (x.dtype === "float" ? after(x, cotangent) : x));
    const again = copied(value!, new Map(from.map((x, i) => [x, late[i]!])));
    return [null, ...vjp([again], [cotangent], late)];
  },
  jvp: (_node, [value]) => value ?? null,
  map: (node, operands, count) => {
    const value = operands[0]!;
    if (!value.mapped) return value;
    return { ...node, inputs: operands.map(({ tensor }) => tensor), shape: [count, ...node.shape] };
  },
  evaluate: (_node, [value]) => value!,
  lower: (_node, [value]) => value!,
};

/**
 * The same outputs, but what lies between them and `inputs` is not kept for the derivative: the backward pass computes it again, from the inputs, once the
 * outputs' cotangents are known. It takes the memory of the inputs in place of that of all that lies between, and the time of one more forward pass.
 *
 * Forward mode keeps nothing anyway and is as it was. What the outputs depend on otherwise than through `inputs` has to be inputs of the graph. Nodes in between have no
 * derivative of their own: for them `grad` gives zeros.
 *
 * @param outputs y₁, y₂, … of any shapes.
 * @param inputs x₁, x₂, …; any nodes of the graph.
 * @returns y₁, y₂, …
 * @throws EngineError `dtype` when an output is not float.
 * @see T. Chen, B. Xu, C. Zhang & C. Guestrin, Training Deep Nets with Sublinear Memory Cost, 2016.
 */
export function recomputed(outputs: readonly Tensor[], inputs: readonly Tensor[]): Tensor[] {
  const other = outputs.find(({ dtype }) => dtype !== "float");
  if (other !== undefined)
    throw new EngineError("dtype", `recomputed: an output is ${other.dtype}; all must be float.`);
  // One node for all outputs, so that their cotangents arrive together and the backward pass computes everything again only once.
  const packed = concat(
    outputs.map((y) => reshape(y, [-1])),
    0,
  );
  const given = new Set(inputs);
  const free = topologicalOrder([packed], given).filter((node) => node.op.name === "input" && !given.has(node));
  const { shape, dtype } = packed;
  const all = { op: recomputedOp, inputs: [packed, ...inputs, ...free], attributes: {}, shape, dtype };
  let start = 0;
  return outputs.map((y) => {
    const size = sizeOf(y.shape);
    start += size;
    return reshape(slice(all, [start - size], [size]), y.shape);
  });
}

/** A node once more, with other nodes in place of some that it depends on. */
function copied(node: Tensor, replacements: ReadonlyMap<Tensor, Tensor>): Tensor {
  const copies = new Map(replacements);
  for (const original of topologicalOrder([node], new Set(replacements.keys()))) {
    if (copies.has(original) || !original.inputs.some((input) => copies.has(input))) continue;
    copies.set(original, { ...original, inputs: original.inputs.map((input) => copies.get(input) ?? input) });
  }
  return copies.get(node) ?? node;
}
