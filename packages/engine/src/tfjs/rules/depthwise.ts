/** Convolutions in which every group has one input channel, and their adjoints, without a loop over the groups. */
import type { Tfjs, TfjsTensor } from "../tfjs.ts";
import { type Pair, type PlaneGeometry, padPlane, spread } from "./plane.ts";

/** x [B, H, W, C] with w [C·M, 1, h, w], unpadded, unit dilations; channel c of x meets kernels c·M to c·M + M − 1. */
function convolve(tf: Tfjs, x: TfjsTensor, w: TfjsTensor, strides: Pair): TfjsTensor {
  const [outputs, , height, width] = w.shape as [number, number, number, number];
  const channels = x.shape[3]!;
  const kernel = tf.reshape(tf.transpose(w, [2, 3, 0, 1]), [height, width, channels, outputs / channels]);
  const run = (stride: number): TfjsTensor =>
    tf.depthwiseConv2d(
      x as Parameters<Tfjs["depthwiseConv2d"]>[0],
      kernel as Parameters<Tfjs["depthwiseConv2d"]>[1],
      stride,
      "valid",
    );
  if (strides[0] === strides[1]) return run(strides[0]);
  // Some backends take only one stride for both axes.
  const dense = run(1);
  return tf.stridedSlice(dense, [0, 0, 0, 0], dense.shape, [1, strides[0], strides[1], 1]);
}

/** y[b, c·M + m] = x[b, c] ∗ w[c·M + m]. */
export function depthwise(tf: Tfjs, x: TfjsTensor, w: TfjsTensor, geometry: PlaneGeometry): TfjsTensor {
  const { strides, dilations, before, after } = geometry;
  const padded = padPlane(tf, tf.transpose(x, [0, 2, 3, 1]), before, after);
  return tf.transpose(convolve(tf, padded, spread(tf, w, 2, dilations), strides), [0, 3, 1, 2]);
}

/** x̄: the spread-out ȳ with every kernel turned around, each on its own channel, then summed over the M kernels of a channel. */
export function depthwiseInputGradient(
  tf: Tfjs,
  y: TfjsTensor,
  w: TfjsTensor,
  { strides, dilations, before, after }: PlaneGeometry,
  shape: readonly number[],
): TfjsTensor {
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const kernel = tf.reverse(spread(tf, w, 2, dilations), [2, 3]);
  const [h, v] = kernel.shape.slice(2) as [number, number];
  const long = spread(tf, tf.transpose(y, [0, 2, 3, 1]), 1, strides);
  const [tall, wide] = [height + before[0] + after[0], width + before[1] + after[1]];
  // What strides left over at the far end had no part in y.
  const rest: Pair = [tall - (long.shape[1]! + h - 1), wide - (long.shape[2]! + v - 1)];
  const padded = padPlane(tf, long, [h - 1, v - 1], [h - 1 + rest[0], v - 1 + rest[1]]);
  const each = tf.slice(convolve(tf, padded, kernel, [1, 1]), [0, before[0], before[1], 0], [batch, height, width, -1]);
  const summed = tf.sum(tf.reshape(each, [batch * height * width, channels, -1]), 2);
  return tf.transpose(tf.reshape(summed, [batch, height, width, channels]), [0, 3, 1, 2]);
}

/** w̄[c·M + m, 0, k] = Σ x[b, c, p·stride + k·dilation] ȳ[b, c·M + m, p]: one product and sum for every position k of the kernel. */
export function depthwiseFilterGradient(
  tf: Tfjs,
  x: TfjsTensor,
  y: TfjsTensor,
  { strides, dilations, before, after }: PlaneGeometry,
  shape: readonly number[],
): TfjsTensor {
  const [outputs, , height, width] = shape as [number, number, number, number];
  const padded = padPlane(tf, tf.transpose(x, [0, 2, 3, 1]), before, after);
  const [batch, , , channels] = padded.shape as [number, number, number, number];
  const [rows, columns] = y.shape.slice(2) as [number, number];
  const multiplier = outputs / channels;
  const cotangent = tf.reshape(tf.transpose(y, [0, 2, 3, 1]), [batch * rows * columns, channels, multiplier]);
  const terms = Array.from({ length: height * width }, (_, k) => {
    const [top, left] = [Math.floor(k / width) * dilations[0], (k % width) * dilations[1]];
    const window = tf.stridedSlice(
      padded,
      [0, top, left, 0],
      [batch, top + (rows - 1) * strides[0] + 1, left + (columns - 1) * strides[1] + 1, channels],
      [1, strides[0], strides[1], 1],
    );
    return tf.sum(tf.mul(tf.reshape(window, [batch * rows * columns, channels, 1]), cotangent), 0);
  });
  return tf.reshape(tf.stack(terms, 2), [outputs, 1, height, width]);
}
