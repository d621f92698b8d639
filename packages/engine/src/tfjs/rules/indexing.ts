/** Reading and adding by index, and positions of extremes. */
import { type Shape, sizeOf } from "../../tensor.ts";
import type { Tfjs, TfjsTensor } from "../tfjs.ts";
import { numberOf, numbersOf, type TfjsRules } from "./rule.ts";

/** Rows of `updates` [count, width] added up at their index; equal indices add. */
function addRows(tf: Tfjs, indices: TfjsTensor, updates: TfjsTensor, extent: number): TfjsTensor {
  const [count, width] = updates.shape as [number, number];
  return tf.scatterND(tf.reshape(indices, [count, 1]), updates, [extent, width]);
}

/** Indices along the last axis as positions in the flat data of rows of `width`. */
function flatIndices(tf: Tfjs, indices: TfjsTensor, width: number): TfjsTensor {
  const columns = indices.shape.at(-1)!;
  const rows = indices.size / columns;
  const starts = tf.mul(tf.range(0, rows, 1, "int32"), tf.scalar(width, "int32"));
  return tf.reshape(tf.add(tf.reshape(indices, [rows, columns]), tf.reshape(starts, [rows, 1])), [-1]);
}

/** Index along every axis of the element at a flat position. */
function unravel(flat: number, shape: Shape): number[] {
  return shape.map((extent, axis) => Math.floor(flat / sizeOf(shape.slice(axis + 1))) % extent);
}

/** Loses against every float32. */
const lowest = -3.4028234663852886e38;

/** Where each window's largest element lies among the spatial positions: all windows' elements side by side, then the best of them. */
const spatialArgMax: TfjsRules[string] = (tf, [x], node) => {
  const [sizes, strides, pads] = [numbersOf(node, "sizes"), numbersOf(node, "strides"), numbersOf(node, "pads")];
  const [batch, channels, ...extents] = node.inputs[0]!.shape as [number, number, ...number[]];
  const out = node.shape.slice(2);
  const n = extents.length;
  const flat = (index: readonly number[]): number =>
    index.reduce((total, at, axis) => total + at * sizeOf(extents.slice(axis + 1)), 0);
  const border = extents.map((_, axis): [number, number] => [pads[axis]!, pads[n + axis]!]);
  const padded = tf.pad(x!, [[0, 0], [0, 0], ...border], lowest);
  const offsets = Array.from({ length: sizeOf(sizes) }, (_, k) => unravel(k, sizes));
  const seen = offsets.map((offset) => {
    const ends = offset.map((start, axis) => start + (out[axis]! - 1) * strides[axis]! + 1);
    const window = tf.stridedSlice(padded, [0, 0, ...offset], [batch, channels, ...ends], [1, 1, ...strides]);
    return tf.reshape(window, [batch * channels, sizeOf(out)]);
  });
  const choice = tf.argMax(tf.stack(seen, 2), 2);
  const corners = Array.from({ length: sizeOf(out) }, (_, p) =>
    flat(unravel(p, out).map((at, axis) => at * strides[axis]! - pads[axis]!)),
  );
  const within = tf.gather(tf.tensor1d(offsets.map(flat), "int32"), tf.cast(tf.reshape(choice, [-1]), "int32"));
  const places = tf.add(tf.reshape(within, [batch * channels, sizeOf(out)]), tf.tensor1d(corners, "int32"));
  return tf.reshape(places, [...node.shape]);
};

export const indexingRules: TfjsRules = {
  gather: (tf, [x, indices], node) =>
    tf.reshape(tf.gather(x!, tf.reshape(indices!, [-1]) as ReturnType<Tfjs["tensor1d"]>, numberOf(node, "axis")), [
      ...node.shape,
    ]),
  scatterAdd: (tf, [updates, indices], node) => {
    const axis = numberOf(node, "axis");
    const [before, extent, after] = [
      sizeOf(node.shape.slice(0, axis)),
      node.shape[axis]!,
      sizeOf(node.shape.slice(axis + 1)),
    ];
    const first = tf.transpose(tf.reshape(updates!, [before, indices!.size, after]), [1, 0, 2]);
    const total = addRows(tf, indices!, tf.reshape(first, [indices!.size, before * after]), extent);
    return tf.reshape(tf.transpose(tf.reshape(total, [extent, before, after]), [1, 0, 2]), [...node.shape]);
  },
  gatherElements: (tf, [x, indices], node) => {
    const flat = flatIndices(tf, indices!, node.inputs[0]!.shape.at(-1)!) as ReturnType<Tfjs["tensor1d"]>;
    return tf.reshape(tf.gather(tf.reshape(x!, [-1]), flat), [...node.shape]);
  },
  scatterAddElements: (tf, [updates, indices], node) => {
    const flat = flatIndices(tf, indices!, node.shape.at(-1)!);
    return tf.reshape(addRows(tf, flat, tf.reshape(updates!, [-1, 1]), sizeOf(node.shape)), [...node.shape]);
  },
  argMax: (tf, [x], node) => tf.argMax(x!, numberOf(node, "axis")),
  spatialArgMax,
  // Backends differ in which of equal elements they take, so they are asked for the threshold only: of the elements equal to it the first ones, as many
  // as are missing.
  topKMask: (tf, [x], node) => {
    const count = numberOf(node, "count");
    const threshold = tf.min(tf.topk(x!, count, false).values, -1, true);
    const above = tf.cast(tf.greater(x!, threshold), "float32");
    const level = tf.cast(tf.equal(x!, threshold), "float32");
    const missing = tf.sub(tf.scalar(count), tf.sum(above, -1, true));
    const first = tf.cast(tf.lessEqual(tf.cumsum(level, node.shape.length - 1), missing), "float32");
    return tf.add(above, tf.mul(level, first));
  },
};
