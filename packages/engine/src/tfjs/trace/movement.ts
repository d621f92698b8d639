/** Kernels that move, repeat or make elements. */
import type {
  MirrorPadAttrs,
  PadV2Attrs,
  SplitVAttrs,
  StridedSliceAttrs,
  Tensor as TfjsTensor,
} from "@tensorflow/tfjs-core";
import { EngineError } from "../../errors.ts";
import { add } from "../../ops/arithmetic.ts";
import { gather } from "../../ops/gather.ts";
import { constant } from "../../ops/leaf.ts";
import { split, stack, tile } from "../../ops/pieces.ts";
import { full, reshape, transpose } from "../../ops/shape.ts";
import { concat, pad, slice } from "../../ops/slice.ts";
import { reverse, stridedSlice } from "../../ops/stride.ts";
import { type DType, type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import { reshaped } from "./reshaped.ts";
import type { KernelCall, TraceRules } from "./rule.ts";

const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

const typeOf = (dtype: string | undefined): DType => (dtype === "int32" ? "int" : dtype === "bool" ? "bool" : "float");

/** A tensor of one number: repeated where it is floating-point, stored otherwise. */
function filled(value: number, shape: Shape, dtype: DType): Tensor {
  return dtype === "float" ? full(value, shape) : constant(new Float64Array(sizeOf(shape)).fill(value), shape, dtype);
}

function expandDims({ operand, attributes }: KernelCall): Tensor {
  const x = operand("input");
  const { dim } = attributes as { dim: number };
  const shape = [...x.shape];
  shape.splice(positive(dim, shape.length + 1), 0, 1);
  return reshape(x, shape);
}

function padded({ operand, attributes }: KernelCall): Tensor {
  const x = operand("x");
  const { paddings, constantValue } = attributes as PadV2Attrs;
  const before = paddings.map(([first]) => first);
  const after = paddings.map(([, last]) => last);
  const zeros = pad(x, before, after);
  if (constantValue === 0) return zeros;
  // The constant outside and 0 inside.
  const outside = add(pad(full(-constantValue, x.shape), before, after), constantValue);
  return add(zeros, outside);
}

/** Mirrored elements are read by their index; `reflect` leaves out the edge itself, `symmetric` repeats it. */
function mirrored({ operand, attributes }: KernelCall): Tensor {
  const { paddings, mode } = attributes as MirrorPadAttrs;
  const skip = mode === "reflect" ? 1 : 0;
  return paddings.reduce((x, [before, after], axis) => {
    if (before === 0 && after === 0) return x;
    const extent = x.shape[axis]!;
    const source = (i: number): number => (i < 0 ? -i - 1 + skip : i >= extent ? 2 * extent - 1 - i - skip : i);
    const indices = Array.from({ length: before + extent + after }, (_, i) => source(i - before));
    return gather(x, constant(indices, [indices.length], "int"), axis);
  }, operand("x"));
}

function pieces({ tf, operand, attributes }: KernelCall): Tensor[] {
  const x = operand("x");
  const { numOrSizeSplits, axis } = attributes as SplitVAttrs;
  // Only the shape is read.
  const shaped = { shape: [...x.shape] } as TfjsTensor;
  return split(x, tf.backend_util.prepareSplitSize(shaped, numOrSizeSplits, positive(axis, x.shape.length)), axis);
}

function strided({ tf, operand, attributes }: KernelCall): Tensor {
  const x = operand("x");
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } =
    attributes as StridedSliceAttrs;
  const info = tf.slice_util.sliceInfo(
    [...x.shape],
    begin,
    end,
    strides,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  );
  if (info.isIdentity) return reshape(x, info.finalShape);
  const sizes = info.begin.map((start, axis) => Math.ceil((info.end[axis]! - start) / info.strides[axis]!));
  return reshape(stridedSlice(x, info.begin, sizes, info.strides), info.finalShape);
}

function gathered({ operand, attributes }: KernelCall): Tensor {
  const { axis, batchDims } = attributes as { axis: number; batchDims: number };
  if (batchDims > 0) {
    throw new EngineError(
      "unsupported-op",
      'The TensorFlow.js kernel "GatherV2" was called with batchDims. Gather from each row of the batch instead.',
    );
  }
  return gather(operand("x"), operand("indices"), axis);
}

export const movementRules: TraceRules = {
  Reshape: ({ operand, attributes }) => reshaped(operand("x"), (attributes as { shape: number[] }).shape),
  ExpandDims: expandDims,
  Transpose: ({ operand, attributes }) => transpose(operand("x"), (attributes as { perm: number[] }).perm),
  Tile: ({ operand, attributes }) => tile(operand("x"), (attributes as { reps: number[] }).reps),
  Concat: ({ operands, attributes }) => concat(operands, (attributes as { axis: number }).axis),
  Slice: ({ operand, attributes }) => {
    const x = operand("x");
    const { begin, size } = attributes as { begin: number[]; size: number[] };
    const starts = x.shape.map((_, axis) => begin[axis] ?? 0);
    return slice(
      x,
      starts,
      x.shape.map((extent, axis) => {
        const wanted = size[axis] ?? -1;
        return wanted < 0 ? extent - starts[axis]! : wanted;
      }),
    );
  },
  StridedSlice: strided,
  SplitV: pieces,
  Pack: ({ operands, attributes }) => stack(operands, (attributes as { axis: number }).axis),
  Unpack: ({ operand, attributes }) => {
    const x = operand("value");
    const axis = positive((attributes as { axis: number }).axis, x.shape.length);
    const rest = x.shape.filter((_, i) => i !== axis);
    return split(x, new Array<number>(x.shape[axis]!).fill(1), axis).map((part) => reshape(part, rest));
  },
  PadV2: padded,
  MirrorPad: mirrored,
  Reverse: ({ operand, attributes }) => {
    const { dims } = attributes as { dims: number | number[] };
    return reverse(operand("x"), typeof dims === "number" ? [dims] : dims);
  },
  GatherV2: gathered,
  Fill: ({ attributes }) => {
    const { shape, value, dtype } = attributes as { shape: number[]; value: number; dtype?: string };
    return filled(value, shape, typeOf(dtype));
  },
  ZerosLike: ({ operand }) => filled(0, operand("x").shape, operand("x").dtype),
  OnesLike: ({ operand }) => filled(1, operand("x").shape, operand("x").dtype),
  Range: ({ attributes }) => {
    const { start, stop, step, dtype } = attributes as { start: number; stop: number; step: number; dtype: string };
    const count = Math.max(0, Math.ceil((stop - start) / step));
    return constant(
      Array.from({ length: count }, (_, i) => start + i * step),
      [count],
      typeOf(dtype),
    );
  },
};
