/** Two spatial axes in the layout of TensorFlow.js, where channels come last. */

import type { ConvGeometry } from "../../ops/conv.ts";
import type { Tfjs, TfjsTensor } from "../tfjs.ts";

/** A number for either spatial axis. */
export type Pair = readonly [number, number];

/** Geometry of a convolution over two axes. */
export interface PlaneGeometry {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly before: Pair;
  readonly after: Pair;
  readonly groups: number;
}

/** A geometry over one or two axes; one is seen as two of which the first has extent 1. */
export function planeGeometry({ strides, pads, dilations, groups }: ConvGeometry): PlaneGeometry {
  const n = strides.length;
  const pair = (values: readonly number[], otherwise: number): Pair =>
    n === 1 ? [otherwise, values[0]!] : [values[0]!, values[1]!];
  return {
    strides: pair(strides, 1),
    dilations: pair(dilations, 1),
    before: pair(pads.slice(0, n), 0),
    after: pair(pads.slice(n), 0),
    groups,
  };
}

/** [A, B, L] as [A, B, 1, L]; four axes stay as they are. */
export function asPlane(tf: Tfjs, x: TfjsTensor): TfjsTensor {
  return x.shape.length === 3 ? tf.expandDims(x, 2) : x;
}

/** x [B, H, W, C] with zeros around its two middle axes. */
export function padPlane(tf: Tfjs, x: TfjsTensor, before: Pair, after: Pair): TfjsTensor {
  if ([...before, ...after].every((extent) => extent === 0)) return x;
  return tf.pad(x, [
    [0, 0],
    [before[0], after[0]],
    [before[1], after[1]],
    [0, 0],
  ]);
}

/** x with step − 1 zeros between neighbours along two adjacent axes, the first of which is `axis`. */
export function spread(tf: Tfjs, x: TfjsTensor, axis: number, steps: Pair): TfjsTensor {
  return steps.reduce((result, step, i) => spreadAxis(tf, result, axis + i, step), x);
}

/** x with step − 1 zeros between neighbours along one axis. */
export function spreadAxis(tf: Tfjs, x: TfjsTensor, axis: number, step: number): TfjsTensor {
  const extent = x.shape[axis]!;
  if (step === 1 || extent === 1) return x;
  const product = (extents: readonly number[]): number => extents.reduce((a, b) => a * b, 1);
  const [before, after] = [product(x.shape.slice(0, axis)), product(x.shape.slice(axis + 1))];
  const padded = tf.pad(tf.reshape(x, [before * extent, 1, after]), [
    [0, 0],
    [0, step - 1],
    [0, 0],
  ]);
  const long = tf.slice(
    tf.reshape(padded, [before, extent * step, after]),
    [0, 0, 0],
    [before, (extent - 1) * step + 1, after],
  );
  return tf.reshape(
    long,
    x.shape.map((value, i) => (i === axis ? (extent - 1) * step + 1 : value)),
  );
}
