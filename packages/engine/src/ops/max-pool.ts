/**
 * Max pooling as a choice and a reading: the position of each window's largest element, which has no derivative, and the element there, whose derivative of any
 * order is that of reading by index.
 */
import { EngineError } from "../errors.ts";
import { type Op, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { gatherElements } from "./gather.ts";
import { stridesOf } from "./indexing.ts";
import { reshape } from "./shape.ts";

/** Windows over n spatial axes. */
export interface PoolOptions {
  /** Distance between windows; the size unless said. */
  readonly strides?: number | readonly number[];
  /** Width of the border: one number for every side, or [begin..., end...]. */
  readonly pads?: number | readonly number[];
}

interface Windows {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
}

const windowsOf = (node: Tensor): Windows => node.attributes as unknown as Windows;

/** Index along every axis of the element at a flat position. */
function unravel(flat: number, shape: Shape): number[] {
  const strides = stridesOf(shape);
  return shape.map((extent, axis) => Math.floor(flat / strides[axis]!) % extent);
}

const spatialArgMaxOp: Op = {
  name: "spatialArgMax",
  vjp: () => [null],
  jvp: () => null,
  evaluate: (node, [x]) => {
    const { sizes, strides, pads } = windowsOf(node);
    const extents = node.inputs[0]!.shape.slice(2);
    const out = node.shape.slice(2);
    const steps = stridesOf(extents);
    const result = new Float64Array(sizeOf(node.shape));
    const kernel = Array.from({ length: sizeOf(sizes) }, (_, k) => unravel(k, sizes));
    for (let i = 0; i < result.length; i++) {
      const place = unravel(i % sizeOf(out), out);
      const start = Math.floor(i / sizeOf(out)) * sizeOf(extents);
      let best = -1;
      for (const offset of kernel) {
        const index = place.map((p, axis) => p * strides[axis]! + offset[axis]! - pads[axis]!);
        if (index.some((at, axis) => at < 0 || at >= extents[axis]!)) continue;
        const flat = index.reduce((total, at, axis) => total + at * steps[axis]!, 0);
        if (best < 0 || x![start + flat]! > x![start + best]!) best = flat;
      }
      result[i] = best;
    }
    return result;
  },
  // The positions are the second output of MaxPool, counted over the whole tensor, so what lies before each plane is taken off. Of equals it picks the first.
  lower: (node, [x], emit) => {
    const { sizes, strides, pads } = windowsOf(node);
    const shape = node.inputs[0]!.shape;
    const attributes = { kernel_shape: { ints: sizes }, strides: { ints: strides }, pads: { ints: pads } };
    const positions = emit.node("MaxPool", [x!], attributes, { index: 1, of: 2 });
    const [batch, channels] = shape as [number, number];
    const plane = sizeOf(shape.slice(2));
    const before = Array.from({ length: batch * channels }, (_, i) => i * plane);
    return emit.node("Sub", [positions, emit.ints(before, [batch, channels, ...sizes.map(() => 1)])]);
  },
};

const perAxis = (value: number | readonly number[], n: number): readonly number[] =>
  typeof value === "number" ? new Array<number>(n).fill(value) : value;

/**
 * Windows of a pooling and the spatial extents of its result, ⌊(extent + pads − size) / stride⌋ + 1.
 *
 * @throws EngineError `shape` when windows do not fit or a window could lie wholly in the border.
 */
export function poolWindows(
  what: string,
  x: Tensor,
  size: number | readonly number[],
  options: PoolOptions,
): Windows & { readonly out: readonly number[] } {
  const n = x.shape.length - 2;
  const sizes = perAxis(size, n);
  const strides = perAxis(options.strides ?? sizes, n);
  const pads = perAxis(options.pads ?? 0, 2 * n);
  const out = sizes.map((extent, axis) =>
    Math.floor((x.shape[axis + 2]! + pads[axis]! + pads[n + axis]! - extent) / strides[axis]! + 1),
  );
  const given = sizes.length === n && strides.length === n && pads.length === 2 * n;
  const border = pads.some((pad, side) => pad < 0 || pad >= sizes[side % Math.max(1, n)]!);
  if (n < 1 || !given || border || [...strides, ...sizes, ...out].some((extent) => !(extent >= 1))) {
    const listed = `size [${sizes}], strides [${strides}], pads [${pads}]`;
    throw new EngineError(
      "shape",
      `${what}: ${listed} do not fit x [${x.shape.join(", ")}]; pads must be smaller than the size.`,
    );
  }
  return { sizes, strides, pads, out };
}

/**
 * Largest element of every window over the spatial axes of x [B, C, ...]; the border never wins. The derivative goes to the first of equals.
 *
 * @param size extent of a window, for all axes or one each.
 * @throws EngineError `shape`.
 */
export function maxPool(x: Tensor, size: number | readonly number[], options: PoolOptions = {}): Tensor {
  const { sizes, strides, pads, out } = poolWindows("maxPool", x, size, options);
  const shape = [...x.shape.slice(0, 2), ...out];
  const attributes = { sizes, strides, pads };
  const winners: Tensor = { op: spatialArgMaxOp, inputs: [x], attributes, shape, dtype: "int" };
  const [batch, channels] = shape as [number, number];
  const picked = gatherElements(reshape(x, [batch, channels, -1]), reshape(winners, [batch, channels, -1]));
  return reshape(picked, shape);
}
