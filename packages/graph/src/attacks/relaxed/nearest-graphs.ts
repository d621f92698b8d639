import { stack } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { type GraphDomain, noNode } from "../../domain.ts";
import { decodeGraph, encodeGraph, type LabelledGraph } from "../../graphs/labelled-graph.ts";
import type { ToldGraphs } from "./told-graphs.ts";

/** The graphs nearest to relaxed ones [B, n, D + n]. */
export function nearestGraphs(
  { shape, data }: NdArray,
  { table }: Pick<GraphDomain, "table">,
  { sizes }: ToldGraphs,
): LabelledGraph[] {
  const [, rows, columns] = shape as [number, number, number];
  return sizes.map((_, b) =>
    decodeGraph({ shape: [rows, columns], data: data.subarray(b * rows * columns, (b + 1) * rows * columns) }, table),
  );
}

/** A batch [B, n, D + n], filled up with −1. */
export function batchOfGraphs(graphs: readonly LabelledGraph[], { table }: Pick<GraphDomain, "table">): NdArray {
  return stack(
    graphs.map((graph) => encodeGraph(graph, table)),
    noNode,
  );
}
