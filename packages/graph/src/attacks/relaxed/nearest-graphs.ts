import { stack } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { type GraphDomain, noNode } from "../../domain.ts";
import { decodeGraph, encodeGraph } from "../../graphs/labelled-graph.ts";
import type { ToldGraphs } from "./told-graphs.ts";

/** The graphs nearest to relaxed ones [B, n, D + n], filled up with −1. */
export function nearestGraphs(
  { shape, data }: NdArray,
  { table, kind }: Pick<GraphDomain, "table" | "kind">,
  { sizes }: ToldGraphs,
): NdArray {
  const [, rows, columns] = shape as [number, number, number];
  if (kind === "edges") return { shape, data };
  const items = sizes.map((_, b) => {
    const item = { shape: [rows, columns], data: data.subarray(b * rows * columns, (b + 1) * rows * columns) };
    return encodeGraph(decodeGraph(item, table), table);
  });
  return stack(items, noNode);
}
