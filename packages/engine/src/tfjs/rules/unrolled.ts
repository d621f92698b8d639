/** Convolutions over three axes and more: the first one is unrolled into a sum over the kernel's positions, its outputs becoming part of the batch. */
import type { ConvGeometry } from "../../ops/conv.ts";
import type { Shape } from "../../tensor.ts";
import type { Tfjs, TfjsTensor } from "../tfjs.ts";
import { spreadAxis } from "./plane.ts";

/** A convolution or one of its adjoints on tensors [B, C, ...], for a result of the given shape. */
export type Convolution = (tf: Tfjs, a: TfjsTensor, b: TfjsTensor, geometry: ConvGeometry, shape: Shape) => TfjsTensor;

/** The first spatial axis of a geometry, and the geometry of the rest. */
function takeApart({ strides, pads, dilations, groups }: ConvGeometry) {
  const n = strides.length;
  const rest: ConvGeometry = {
    strides: strides.slice(1),
    pads: [...pads.slice(1, n), ...pads.slice(n + 1)],
    dilations: dilations.slice(1),
    groups,
  };
  return { stride: strides[0]!, dilation: dilations[0]!, before: pads[0]!, after: pads[n]!, rest };
}

const exchange = (tf: Tfjs, x: TfjsTensor): TfjsTensor =>
  tf.transpose(
    x,
    x.shape.map((_, axis) => (axis === 1 ? 2 : axis === 2 ? 1 : axis)),
  );

/** [B, C, D, ...] as [B·D, C, ...]. */
function fold(tf: Tfjs, x: TfjsTensor): TfjsTensor {
  const [batch, channels, depth, ...rest] = x.shape as [number, number, number, ...number[]];
  return tf.reshape(exchange(tf, x), [batch * depth, channels, ...rest]);
}

/** [B·D, C, ...] as [B, C, D, ...]. */
function unfold(tf: Tfjs, x: TfjsTensor, batch: number): TfjsTensor {
  const [rows, ...rest] = x.shape as [number, ...number[]];
  return exchange(tf, tf.reshape(x, [batch, rows / batch, ...rest]));
}

/** `count` elements of axis 2, `step` apart. */
function along(tf: Tfjs, x: TfjsTensor, start: number, count: number, step: number): TfjsTensor {
  const end = x.shape.map((extent, axis) => (axis === 2 ? start + (count - 1) * step + 1 : extent));
  return tf.stridedSlice(
    x,
    x.shape.map((_, axis) => (axis === 2 ? start : 0)),
    end,
    x.shape.map((_, axis) => (axis === 2 ? step : 1)),
  );
}

function padDepth(tf: Tfjs, x: TfjsTensor, before: number, after: number): TfjsTensor {
  if (before === 0 && after === 0) return x;
  return tf.pad(
    x,
    x.shape.map((_, axis): [number, number] => (axis === 2 ? [before, after] : [0, 0])),
  );
}

/** w at position k of its first spatial axis. */
function kernelAt(tf: Tfjs, w: TfjsTensor, k: number): TfjsTensor {
  const shape = [...w.shape.slice(0, 2), ...w.shape.slice(3)];
  return tf.reshape(along(tf, w, k, 1, 1), shape);
}

const positions = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/** The shape without its third extent, and with another batch where one is given. */
const without = ([first, second, , ...rest]: Shape, batch?: number): number[] => [batch ?? first!, second!, ...rest];

/** A convolution over one axis more than `next`. */
export function unrolledForward(next: Convolution): Convolution {
  return (tf, x, w, geometry, shape) => {
    const { stride, dilation, before, after, rest } = takeApart(geometry);
    const [batch, , depth] = shape as [number, number, number];
    const padded = padDepth(tf, x, before, after);
    const terms = positions(w.shape[2]!).map((k) => {
      const window = fold(tf, along(tf, padded, k * dilation, depth, stride));
      return next(tf, window, kernelAt(tf, w, k), rest, without(shape, batch * depth));
    });
    return unfold(tf, tf.addN(terms), batch);
  };
}

/** Its adjoint in the input. */
export function unrolledInputGradient(next: Convolution): Convolution {
  return (tf, y, w, geometry, shape) => {
    const { stride, dilation, before, after, rest } = takeApart(geometry);
    const [batch, , depth] = shape as [number, number, number];
    const folded = fold(tf, y);
    const long = (y.shape[2]! - 1) * stride + 1;
    const terms = positions(w.shape[2]!).map((k) => {
      const part = next(tf, folded, kernelAt(tf, w, k), rest, without(shape, batch * y.shape[2]!));
      const apart = spreadAxis(tf, unfold(tf, part, batch), 2, stride);
      return padDepth(tf, apart, k * dilation, before + depth + after - k * dilation - long);
    });
    return along(tf, tf.addN(terms), before, depth, 1);
  };
}

/** Its adjoint in the kernel. */
export function unrolledFilterGradient(next: Convolution): Convolution {
  return (tf, x, y, geometry, shape) => {
    const { stride, dilation, before, after, rest } = takeApart(geometry);
    const padded = padDepth(tf, x, before, after);
    const folded = fold(tf, y);
    const parts = positions(shape[2]!).map((k) => {
      const window = fold(tf, along(tf, padded, k * dilation, y.shape[2]!, stride));
      return next(tf, window, folded, rest, without(shape));
    });
    return tf.stack(parts, 2);
  };
}
