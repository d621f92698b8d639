/** Average pooling over non-overlapping windows and its adjoint, and nearest-neighbour enlargement. */
import { EngineError } from "../errors.ts";
import { type Op, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { stridedIndex, stridesOf } from "./indexing.ts";
import { mapTangent } from "./tangent.ts";

/** For every element of the large tensor, the element of the small one whose window holds it. */
function windowIndex(large: Shape, small: Shape, size: number): Int32Array {
  const strides = stridesOf(small);
  const index = new Int32Array(sizeOf(large));
  const columns = large.map((_, axis) =>
    stridedIndex(
      large,
      large.map((_, i) => (i === axis ? 1 : 0)),
    ),
  );
  for (let i = 0; i < index.length; i++) {
    let at = 0;
    for (let axis = 0; axis < large.length; axis++)
      at += Math.floor(columns[axis]![i]! / (axis < 2 ? 1 : size)) * strides[axis]!;
    index[i] = at;
  }
  return index;
}

const sumPoolOp: Op = {
  name: "sumPool",
  vjp: (node, cotangent) => [enlarge(cotangent, node.attributes.size as number)],
  jvp: (node, [x]) => mapTangent(x, (t) => sumPool(t, node.attributes.size as number)),
  evaluate: (node, [x]) => {
    const result = new Float64Array(sizeOf(node.shape));
    windowIndex(node.inputs[0]!.shape, node.shape, node.attributes.size as number).forEach((to, from) => {
      result[to]! += x![from]!;
    });
    return result;
  },
  // The runtime pools in float32 only; elsewhere every spatial axis is split in two and the inner ones are summed.
  lower: (node, [x], emit) => {
    const size = node.attributes.size as number;
    const n = node.shape.length - 2;
    if (emit.precision === "float32") {
      const window = { ints: new Array<number>(n).fill(size) };
      const average = emit.node("AveragePool", [x!], { kernel_shape: window, strides: window });
      return emit.node("Mul", [average, emit.float([size ** n], [])]);
    }
    const split = [...node.shape.slice(0, 2), ...node.shape.slice(2).flatMap((extent) => [extent, size])];
    const inner = Array.from({ length: n }, (_, axis) => 3 + 2 * axis);
    return emit.node("ReduceSum", [emit.node("Reshape", [x!, emit.ints(split)]), emit.ints(inner)], {
      keepdims: { int: 0 },
    });
  },
};

const enlargeOp: Op = {
  name: "enlarge",
  vjp: (node, cotangent) => [sumPool(cotangent, node.attributes.size as number)],
  jvp: (node, [x]) => mapTangent(x, (t) => enlarge(t, node.attributes.size as number)),
  evaluate: (node, [x]) =>
    Float64Array.from(windowIndex(node.shape, node.inputs[0]!.shape, node.attributes.size as number), (i) => x![i]!),
  // Axis by axis from the last: what lies behind the axis is repeated as one run. Twelve times faster than Expand in the runtime.
  lower: (node, [x], emit) => {
    const size = node.attributes.size as number;
    const small = node.inputs[0]!.shape;
    let result = x!;
    for (let axis = small.length - 1; axis >= 2; axis--) {
      const run = sizeOf(node.shape.slice(axis + 1));
      const runs = emit.node("Reshape", [result, emit.ints([sizeOf(small.slice(0, axis + 1)), run])]);
      result = emit.node("Concat", new Array<string>(size).fill(runs), { axis: { int: 1 } });
    }
    return emit.node("Reshape", [result, emit.ints(node.shape)]);
  },
};

/** Sum over windows of `size` along every spatial axis of x [B, C, ...]. @throws EngineError `shape` when size does not divide them. */
export function sumPool(x: Tensor, size: number): Tensor {
  if (x.shape.length < 3 || x.shape.slice(2).some((extent) => extent % size !== 0)) {
    throw new EngineError(
      "shape",
      `sumPool: windows of ${size} do not divide the spatial axes of [${x.shape.join(", ")}].`,
    );
  }
  const shape = x.shape.map((extent, axis) => (axis < 2 ? extent : extent / size));
  return { op: sumPoolOp, inputs: [x], attributes: { size }, shape, dtype: "float" };
}

/** Every element repeated `size` times along every spatial axis: nearest-neighbour enlargement. */
export function enlarge(x: Tensor, size: number): Tensor {
  if (size === 1) return x;
  const shape = x.shape.map((extent, axis) => (axis < 2 ? extent : extent * size));
  return { op: enlargeOp, inputs: [x], attributes: { size }, shape, dtype: "float" };
}
