import type { Flag, Problem } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { noNode } from "../../domain.ts";

/** What is told of the graphs of a batch beside their gradient. */
export interface ToldGraphs {
  /** Nodes of every graph. */
  readonly sizes: readonly number[];
  /** [B, n, n], filled up with −1. */
  readonly adjacency?: NdArray;
  /** [B, n, D], filled up with −1. */
  readonly features?: NdArray;
  /** The flags that this rests on. */
  readonly given: readonly Flag[];
}

/** How many nodes each graph has, and what else of it is told; or why the sizes are not known, a clause. */
export function toldGraphs({ knowledge, model }: Problem): ToldGraphs | { readonly reason: string } {
  const { batchSize, nodeCount } = knowledge;
  const [adjacency, features] = [arrayOf(knowledge.adjacency), arrayOf(knowledge.nodeFeatures)];
  const arrays = { ...(adjacency && { adjacency }), ...(features && { features }) };
  const flags = [...(adjacency ? ["adjacency"] : []), ...(features ? ["nodeFeatures"] : [])];
  const shown = adjacency ?? features;
  if (shown !== undefined) return { sizes: sizesOf(shown), ...arrays, given: flags };
  if (Array.isArray(nodeCount) && nodeCount.every((size) => typeof size === "number")) {
    return { sizes: nodeCount, given: ["nodeCount"] };
  }
  // With a target for every node the architecture tells how many there are.
  if (model.target.shape.length === 2 && typeof batchSize === "number") {
    return { sizes: new Array<number>(batchSize).fill(model.target.shape[0]!), given: [] };
  }
  return { reason: "it needs to be told nodeCount or adjacency, for a search by small steps moves no node in or out" };
}

function arrayOf(value: Problem["knowledge"][string] | undefined): NdArray | undefined {
  return typeof value === "object" && value !== null && "shape" in value ? (value as NdArray) : undefined;
}

/** Rows of every graph that are not filled up. */
function sizesOf({ shape, data }: NdArray): number[] {
  const [batch, rows, columns] = shape as [number, number, number];
  return Array.from({ length: batch }, (_, b) => {
    const isNode = (row: number): boolean => data[(b * rows + row) * columns] !== noNode;
    return Array.from({ length: rows }, (_, row) => row).filter(isNode).length;
  });
}
