import type { Domain, Flag } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { featureColumns } from "./graphs/labelled-graph.ts";

/** What this package adds to core's knowledge flags: nodes of each graph, their features, the adjacency, degrees, and the share of pairs that are edges. */
export const graphFlags: readonly Flag[] = ["nodeCount", "nodeFeatures", "adjacency", "degrees", "edgeDensity"];

/** Values of the flags for a batch [B, n, D + n] that is filled up with −1: lists by graph, and arrays filled up likewise. */
export const told: NonNullable<Domain["told"]> = {
  nodeCount: (batch) => itemsOf(batch).map(({ nodes }) => nodes),
  nodeFeatures: (batch) => columnsOf(batch, 0, columnsBefore(batch)),
  adjacency: (batch) => columnsOf(batch, columnsBefore(batch), batch.shape[1]!),
  degrees: (batch) => itemsOf(batch).map(({ degrees }) => degrees),
  edgeDensity: (batch) =>
    itemsOf(batch).map(({ nodes, degrees }) => {
      const ends = degrees.reduce((total, degree) => total + degree, 0);
      return nodes < 2 ? 0 : ends / (nodes * (nodes - 1));
    }),
};

/** Feature columns of a batch. */
function columnsBefore({ shape, data }: NdArray): number {
  return featureColumns({ shape: shape.slice(1), data });
}

/** Columns `start` to `start + width` of every row. */
function columnsOf({ shape, data }: NdArray, start: number, width: number): NdArray {
  const [batch, rows, columns] = shape as [number, number, number];
  const values = Float64Array.from({ length: batch * rows * width }, (_, i) => {
    return data[Math.floor(i / width) * columns + start + (i % width)]!;
  });
  return { shape: [batch, rows, width], data: values };
}

/** Nodes and degrees of every graph. */
function itemsOf(batch: NdArray): readonly { readonly nodes: number; readonly degrees: readonly number[] }[] {
  const [count, rows, columns] = batch.shape as [number, number, number];
  const features = columnsBefore(batch);
  return Array.from({ length: count }, (_, item) => {
    const rowsOf = Array.from({ length: rows }, (_, row) => {
      const start = (item * rows + row) * columns;
      return batch.data.subarray(start, start + columns);
    }).filter((row) => row[0]! >= 0);
    const degrees = rowsOf.map((row) => Array.from(row.subarray(features)).filter((value) => value > 0).length);
    return { nodes: rowsOf.length, degrees };
  });
}
