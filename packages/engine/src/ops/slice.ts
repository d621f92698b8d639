/** Contiguous windows and their adjoint: slice, pad, and concat built on them. */
import { EngineError } from "../errors.ts";
import { type Op, sizeOf, type Tensor } from "../tensor.ts";
import { stridedIndex, stridesOf } from "./indexing.ts";
import { allOf } from "./mapped.ts";
import { zerosLike } from "./shape.ts";
import { mapTangent } from "./tangent.ts";

const offsetOf = (starts: readonly number[], strides: readonly number[]): number =>
  starts.reduce((offset, start, axis) => offset + start * strides[axis]!, 0);

const sliceOp: Op = {
  name: "slice",
  vjp: (node, cotangent) => {
    const x = node.inputs[0]!;
    const starts = node.attributes.starts as readonly number[];
    return [
      pad(
        cotangent,
        starts,
        x.shape.map((extent, axis) => extent - starts[axis]! - node.shape[axis]!),
      ),
    ];
  },
  jvp: (node, [x]) => mapTangent(x, (t) => slice(t, node.attributes.starts as readonly number[], node.shape)),
  map: (node, [x], count) =>
    slice(x!.tensor, [0, ...(node.attributes.starts as readonly number[])], [count, ...node.shape]),
  evaluate: (node, [x]) => {
    const strides = stridesOf(node.inputs[0]!.shape);
    const from = stridedIndex(node.shape, strides, offsetOf(node.attributes.starts as readonly number[], strides));
    return Float64Array.from(from, (i) => x![i]!);
  },
  lower: (node, [x], emit) => {
    const starts = node.attributes.starts as readonly number[];
    const shape = node.inputs[0]!.shape;
    const axes = shape.map((_, axis) => axis).filter((axis) => node.shape[axis] !== shape[axis]);
    const ends = axes.map((axis) => starts[axis]! + node.shape[axis]!);
    const picked = axes.map((axis) => starts[axis]!);
    return emit.node("Slice", [x!, emit.ints(picked), emit.ints(ends), emit.ints(axes)]);
  },
};

/** y[i] = x[starts + i] for 0 ≤ i < sizes, along every axis. @throws EngineError `shape` when the window leaves x. */
export function slice(x: Tensor, starts: readonly number[], sizes: readonly number[]): Tensor {
  const fits = starts.length === x.shape.length && sizes.length === x.shape.length;
  if (
    !fits ||
    x.shape.some((extent, axis) => starts[axis]! < 0 || sizes[axis]! < 0 || starts[axis]! + sizes[axis]! > extent)
  ) {
    throw new EngineError("shape", `slice: window [${starts}] + [${sizes}] does not fit in [${x.shape.join(", ")}].`);
  }
  if (x.shape.every((extent, axis) => extent === sizes[axis])) return x;
  return { op: sliceOp, inputs: [x], attributes: { starts }, shape: sizes, dtype: x.dtype };
}

const padOp: Op = {
  name: "pad",
  vjp: (node, cotangent) => [slice(cotangent, node.attributes.before as readonly number[], node.inputs[0]!.shape)],
  jvp: (node, [x]) => {
    const before = node.attributes.before as readonly number[];
    const after = node.inputs[0]!.shape.map((extent, axis) => node.shape[axis]! - extent - before[axis]!);
    return mapTangent(x, (t) => pad(t, before, after));
  },
  map: (node, [x]) => {
    const before = node.attributes.before as readonly number[];
    const after = node.inputs[0]!.shape.map((extent, axis) => node.shape[axis]! - extent - before[axis]!);
    return pad(x!.tensor, [0, ...before], [0, ...after]);
  },
  evaluate: (node, [x]) => {
    const strides = stridesOf(node.shape);
    const to = stridedIndex(
      node.inputs[0]!.shape,
      strides,
      offsetOf(node.attributes.before as readonly number[], strides),
    );
    const result = new Float64Array(sizeOf(node.shape));
    for (let i = 0; i < x!.length; i++) result[to[i]!] = x![i]!;
    return result;
  },
  lower: (node, [x], emit) => {
    const before = node.attributes.before as readonly number[];
    const after = node.inputs[0]!.shape.map((extent, axis) => node.shape[axis]! - extent - before[axis]!);
    return emit.node("Pad", [x!, emit.ints([...before, ...after])]);
  },
};

/** x with `before` and `after` zeros along every axis. @throws EngineError `shape`. */
export function pad(x: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  if (
    before.length !== x.shape.length ||
    after.length !== x.shape.length ||
    [...before, ...after].some((extent) => extent < 0)
  ) {
    throw new EngineError("shape", `pad: [${before}] and [${after}] do not fit a tensor of rank ${x.shape.length}.`);
  }
  if ([...before, ...after].every((extent) => extent === 0)) return x;
  const shape = x.shape.map((extent, axis) => extent + before[axis]! + after[axis]!);
  return { op: padOp, inputs: [x], attributes: { before }, shape, dtype: x.dtype };
}

const concatOp: Op = {
  name: "concat",
  vjp: (node, cotangent) => {
    const axis = node.attributes.axis as number;
    let start = 0;
    return node.inputs.map((part) => {
      const starts = node.shape.map((_, i) => (i === axis ? start : 0));
      start += part.shape[axis]!;
      return slice(cotangent, starts, part.shape);
    });
  },
  jvp: (node, tangents) =>
    tangents.every((tangent) => tangent === null)
      ? null
      : concat(
          tangents.map((tangent, i) => tangent ?? zerosLike(node.inputs[i]!)),
          node.attributes.axis as number,
        ),
  map: (node, parts, count) =>
    concat(
      parts.map((part) => allOf(part, count)),
      (node.attributes.axis as number) + 1,
    ),
  evaluate: (node, parts) => {
    const axis = node.attributes.axis as number;
    const strides = stridesOf(node.shape);
    const result = new Float64Array(sizeOf(node.shape));
    let start = 0;
    parts.forEach((part, k) => {
      const shape = node.inputs[k]!.shape;
      const to = stridedIndex(shape, strides, start * strides[axis]!);
      for (let i = 0; i < part.length; i++) result[to[i]!] = part[i]!;
      start += shape[axis]!;
    });
    return result;
  },
  lower: (node, inputs, emit) => emit.node("Concat", inputs, { axis: { int: node.attributes.axis as number } }),
};

/** Tensors one after another along `axis`; all other extents agree. @throws EngineError `shape`. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const first = parts[0];
  if (first === undefined) throw new EngineError("shape", "concat: there is nothing to join.");
  const at = axis < 0 ? axis + first.shape.length : axis;
  for (const part of parts) {
    if (
      part.shape.length !== first.shape.length ||
      part.shape.some((extent, i) => i !== at && extent !== first.shape[i])
    ) {
      throw new EngineError(
        "shape",
        `concat: [${part.shape.join(", ")}] does not line up with [${first.shape.join(", ")}] along axis ${axis}.`,
      );
    }
  }
  if (parts.length === 1) return first;
  const total = parts.reduce((n, part) => n + part.shape[at]!, 0);
  return {
    op: concatOp,
    inputs: parts,
    attributes: { axis: at },
    shape: first.shape.map((extent, i) => (i === at ? total : extent)),
    dtype: first.dtype,
  };
}
