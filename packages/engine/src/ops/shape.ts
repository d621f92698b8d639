/** Ops that move or repeat elements and their adjoints: reshape, transpose, broadcastTo and sum. */
import { EngineError } from "../errors.ts";
import type { Emitter } from "../onnx/emitter.ts";
import { type Op, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { broadcastIndex, broadcastShapes, normaliseAxes, stridedIndex, stridesOf } from "./indexing.ts";
import { scalar } from "./leaf.ts";
import { mapTangent } from "./tangent.ts";

const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((extent, i) => extent === b[i]);

const reshapeOp: Op = {
  name: "reshape",
  vjp: (node, cotangent) => [reshape(cotangent, node.inputs[0]!.shape)],
  jvp: (node, [x]) => mapTangent(x, (t) => reshape(t, node.shape)),
  map: (node, [x], count) => reshape(x!.tensor, [count, ...node.shape]),
  evaluate: (_node, [x]) => x!,
  lower: (node, [x], emit) => emit.node("Reshape", [x!, emit.ints(node.shape)], { allowzero: { int: 1 } }),
};

/** The same elements in another shape. One extent may be −1. @throws EngineError `shape`. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = sizeOf(shape.filter((extent) => extent !== -1));
  const target = shape.map((extent) => (extent === -1 ? sizeOf(x.shape) / known : extent));
  if (sizeOf(target) !== sizeOf(x.shape) || target.some((extent) => !Number.isInteger(extent) || extent < 0)) {
    throw new EngineError("shape", `reshape: [${x.shape.join(", ")}] does not fit into [${shape.join(", ")}].`);
  }
  if (sameShape(target, x.shape)) return x;
  return { op: reshapeOp, inputs: [x], attributes: {}, shape: target, dtype: x.dtype };
}

const transposeOp: Op = {
  name: "transpose",
  vjp: (node, cotangent) => {
    const order = node.attributes.order as readonly number[];
    return [
      transpose(
        cotangent,
        order.map((_, axis) => order.indexOf(axis)),
      ),
    ];
  },
  jvp: (node, [x]) => mapTangent(x, (t) => transpose(t, node.attributes.order as readonly number[])),
  map: (node, [x]) =>
    transpose(x!.tensor, [0, ...(node.attributes.order as readonly number[]).map((axis) => axis + 1)]),
  evaluate: (node, [x]) => {
    const strides = stridesOf(node.inputs[0]!.shape);
    const order = node.attributes.order as readonly number[];
    const from = stridedIndex(
      node.shape,
      order.map((axis) => strides[axis]!),
    );
    return Float64Array.from(from, (i) => x![i]!);
  },
  lower: (node, [x], emit) =>
    emit.node("Transpose", [x!], { perm: { ints: node.attributes.order as readonly number[] } }),
};

/** y[i₀, i₁, …] with axis k of y being axis order[k] of x; the reverse order by default. @throws EngineError `axis`. */
export function transpose(x: Tensor, order?: readonly number[]): Tensor {
  const axes = order ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
  if (axes.length !== x.shape.length)
    throw new EngineError("axis", `transpose: order [${axes}] does not fit rank ${x.shape.length}.`);
  normaliseAxes("transpose", axes, x.shape.length);
  if (axes.every((axis, i) => axis === i)) return x;
  return {
    op: transposeOp,
    inputs: [x],
    attributes: { order: axes },
    shape: axes.map((axis) => x.shape[axis]!),
    dtype: x.dtype,
  };
}

const broadcastToOp: Op = {
  name: "broadcastTo",
  vjp: (node, cotangent) => [sumTo(cotangent, node.inputs[0]!.shape)],
  jvp: (node, [x]) => mapTangent(x, (t) => broadcastTo(t, node.shape)),
  map: (node, [x], count) => {
    const own = x!.tensor.shape.slice(1);
    const ones = new Array<number>(node.shape.length - own.length).fill(1);
    return broadcastTo(reshape(x!.tensor, [count, ...ones, ...own]), [count, ...node.shape]);
  },
  evaluate: (node, [x]) => Float64Array.from(broadcastIndex(node.inputs[0]!.shape, node.shape), (i) => x![i]!),
  lower: (node, [x], emit) => emit.node("Expand", [x!, emit.ints(node.shape)]),
};

/** Repeats elements along axes of extent 1 and along new leading axes, as NumPy broadcasts. @throws EngineError `shape`. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  if (!sameShape(broadcastShapes("broadcastTo", x.shape, shape), shape)) {
    throw new EngineError("shape", `broadcastTo: [${x.shape.join(", ")}] does not broadcast to [${shape.join(", ")}].`);
  }
  return { op: broadcastToOp, inputs: [x], attributes: {}, shape, dtype: x.dtype };
}

const sumOp: Op = {
  name: "sum",
  vjp: (node, cotangent) => {
    const x = node.inputs[0]!;
    const axes = node.attributes.axes as readonly number[];
    const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    return [broadcastTo(reshape(cotangent, kept), x.shape)];
  },
  jvp: (node, [x]) =>
    mapTangent(x, (t) => sum(t, node.attributes.axes as readonly number[], node.attributes.keep as boolean)),
  map: ({ attributes: { axes, keep } }, [x]) =>
    sum(
      x!.tensor,
      (axes as readonly number[]).map((axis) => axis + 1),
      keep as boolean,
    ),
  evaluate: (node, [x]) => {
    const shape = node.inputs[0]!.shape;
    const axes = node.attributes.axes as readonly number[];
    const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    const result = new Float64Array(sizeOf(node.shape));
    const target = broadcastIndex(kept, shape);
    for (let i = 0; i < x!.length; i++) result[target[i]!]! += x![i]!;
    return result;
  },
  lower: (node, [x], emit) => lowerReduction("ReduceSum", node, x!, emit),
};

function lowerReduction(kernel: string, { attributes }: Tensor, x: string, emit: Emitter): string {
  const axes = emit.ints(attributes.axes as readonly number[]);
  return emit.node(kernel, [x, axes], { keepdims: { int: attributes.keep === true ? 1 : 0 } });
}

/** A sum, divided by the number of its terms, as one kernel. */
export const lowerToMean = (sum: Tensor, x: string, emit: Emitter): string =>
  lowerReduction("ReduceMean", sum, x, emit);

/** Σ over `axes` (all by default); with `keep` they stay with extent 1. @throws EngineError `axis`. */
export function sum(x: Tensor, axes?: readonly number[], keep = false): Tensor {
  const over = normaliseAxes("sum", axes, x.shape.length);
  if (over.length === 0) return x;
  const shape = keep
    ? x.shape.map((extent, axis) => (over.includes(axis) ? 1 : extent))
    : x.shape.filter((_, axis) => !over.includes(axis));
  return { op: sumOp, inputs: [x], attributes: { axes: over, keep }, shape, dtype: x.dtype };
}

/** The adjoint of broadcasting: sums x down to `shape`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < lead || (shape[axis - lead] === 1 && x.shape[axis] !== 1));
  return reshape(sum(x, axes), shape);
}

/** A tensor filled with one number. */
export function full(value: number, shape: Shape): Tensor {
  return broadcastTo(scalar(value), shape);
}

/** Zeros of the shape of `x`. */
export function zerosLike(x: Tensor): Tensor {
  return full(0, x.shape);
}
