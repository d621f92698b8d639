/** Reductions other than the sum. */
import { EngineError } from "../errors.ts";
import { type Op, sizeOf, type Tensor } from "../tensor.ts";
import { div, mul, neg, square, sub } from "./arithmetic.ts";
import { equal, toFloat } from "./compare.ts";
import { broadcastIndex, normaliseAxes } from "./indexing.ts";
import { broadcastTo, reshape, sum } from "./shape.ts";
import { mapTangent } from "./tangent.ts";

/** Mean over `axes` (all by default). */
export function mean(x: Tensor, axes?: readonly number[], keep = false): Tensor {
  const total = sum(x, axes, keep);
  const size = sizeOf(x.shape);
  if (size === 0) {
    throw new EngineError(
      "shape",
      `mean: there is nothing to average in [${x.shape.join(", ")}]; a batch holds at least one item.`,
    );
  }
  return mul(total, sizeOf(total.shape) / size);
}

/** Biased variance over `axes`: mean (x − mean x)². */
export function variance(x: Tensor, axes?: readonly number[], keep = false): Tensor {
  return mean(square(sub(x, mean(x, axes, true))), axes, keep);
}

const maxOp: Op = {
  name: "max",
  vjp: (node, cotangent) => {
    const x = node.inputs[0]!;
    const axes = node.attributes.axes as readonly number[];
    const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    // Elements that share the maximum share its derivative.
    const winners = toFloat(equal(x, broadcastTo(reshape(node, kept), x.shape)));
    return [mul(div(winners, sum(winners, axes, true)), reshape(cotangent, kept))];
  },
  jvp: (node, [tangent]) =>
    mapTangent(tangent, (t) => {
      const x = node.inputs[0]!;
      const axes = node.attributes.axes as readonly number[];
      const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
      const winners = toFloat(equal(x, broadcastTo(reshape(node, kept), x.shape)));
      return div(sum(mul(winners, t), axes, node.attributes.keep as boolean), reshape(sum(winners, axes), node.shape));
    }),
  evaluate: (node, [x]) => {
    const shape = node.inputs[0]!.shape;
    const axes = node.attributes.axes as readonly number[];
    const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    const result = new Float64Array(sizeOf(node.shape)).fill(Number.NEGATIVE_INFINITY);
    const target = broadcastIndex(kept, shape);
    for (let i = 0; i < x!.length; i++) result[target[i]!] = Math.max(result[target[i]!]!, x![i]!);
    return result;
  },
  lower: (node, [x], emit) =>
    emit.node("ReduceMax", [x!, emit.ints(node.attributes.axes as readonly number[])], {
      keepdims: { int: node.attributes.keep ? 1 : 0 },
    }),
};

/** Largest element over `axes` (all by default). @throws EngineError `axis`. */
export function max(x: Tensor, axes?: readonly number[], keep = false): Tensor {
  const over = normaliseAxes("max", axes, x.shape.length);
  if (over.length === 0) return x;
  const shape = keep
    ? x.shape.map((extent, axis) => (over.includes(axis) ? 1 : extent))
    : x.shape.filter((_, axis) => !over.includes(axis));
  return { op: maxOp, inputs: [x], attributes: { axes: over, keep }, shape, dtype: "float" };
}

/** Smallest element over `axes` (all by default): −max(−x). @throws EngineError `axis`. */
export function min(x: Tensor, axes?: readonly number[], keep = false): Tensor {
  return neg(max(neg(x), axes, keep));
}
