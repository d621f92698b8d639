import { ReconError } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { choicesOf, columnsOf, type FeatureTable, featureRow } from "./feature-table.ts";

/** A simple graph: undirected, no loops, no weights. Every node carries one choice for each group of a feature table. */
export interface LabelledGraph {
  readonly nodes: readonly (readonly number[])[];
  /** Pairs of different nodes, the smaller first, each pair once. */
  readonly edges: readonly (readonly [number, number])[];
}

/** Below this the first feature column says that a row is filled up: padding is −1. */
const absent = -0.5;

/** Number of feature columns D of an item [n, D + n]. @throws ReconError `shape`. */
export function featureColumns({ shape }: NdArray): number {
  const [rows = 0, columns = 0] = shape;
  if (shape.length === 2 && columns > rows) return columns - rows;
  throw new ReconError(
    "shape",
    `A graph is an array [n, D + n] of D node features and the adjacency, and this one has shape [${shape.join(", ")}].`,
  );
}

/** A graph as one item [n, D + n], float32: the node features, then the rows of the adjacency, 1 for an edge. */
export function encodeGraph({ nodes, edges }: LabelledGraph, table: FeatureTable): NdArray {
  const [size, features] = [nodes.length, columnsOf(table)];
  const columns = features + size;
  const data = new Float32Array(size * columns);
  nodes.forEach((choices, node) => {
    data.set(featureRow(table, choices), node * columns);
  });
  for (const [a, b] of edges) {
    data[a * columns + features + b] = 1;
    data[b * columns + features + a] = 1;
  }
  return { shape: [size, columns], data };
}

/**
 * The graph nearest to an item [n, D + n], in which entries need not be 0 or 1 and rows of padding may follow: the largest entry of every one-hot group, and the
 * edges whose two entries have a mean above ½; the diagonal is left out.
 *
 * @throws ReconError `shape` when D is not that of the table.
 */
export function decodeGraph(item: NdArray, table: FeatureTable): LabelledGraph {
  const features = featureColumns(item);
  if (features !== columnsOf(table)) {
    throw new ReconError(
      "shape",
      `A graph of shape [${item.shape.join(", ")}] has ${features} feature columns, and the table says ${columnsOf(table)}.`,
    );
  }
  const columns = item.shape[1]!;
  const size = nodeCount(item);
  const nodes = Array.from({ length: size }, (_, node) =>
    choicesOf(table, item.data.subarray(node * columns, node * columns + features)),
  );
  const entry = (a: number, b: number): number => item.data[a * columns + features + b]!;
  const edges: [number, number][] = [];
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) if (entry(a, b) + entry(b, a) > 1) edges.push([a, b]);
  }
  return { nodes, edges };
}

/** Nodes of an item without its rows of padding. */
export function nodeCount({ shape: [rows = 0, columns = 0], data }: NdArray): number {
  let size = 0;
  for (let row = 0; row < rows; row++) if (data[row * columns]! > absent) size = row + 1;
  return size;
}

/** Neighbours of every node. */
export function neighboursOf({ nodes, edges }: LabelledGraph): number[][] {
  const neighbours: number[][] = nodes.map(() => []);
  for (const [a, b] of edges) {
    neighbours[a]!.push(b);
    neighbours[b]!.push(a);
  }
  return neighbours;
}

/** How many parts without an edge between them a graph has. */
export function componentsOf(graph: LabelledGraph): number {
  const neighbours = neighboursOf(graph);
  const reached = new Set<number>();
  let count = 0;
  for (const start of graph.nodes.keys()) {
    if (reached.has(start)) continue;
    count++;
    const open = [start];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (!reached.has(node)) open.push(...neighbours[node]!);
      reached.add(node);
    }
  }
  return count;
}

/** The same graph with node `i` in place `order.indexOf(i)`. */
export function reordered({ nodes, edges }: LabelledGraph, order: readonly number[]): LabelledGraph {
  const place = new Map(order.map((node, at) => [node, at]));
  return {
    nodes: order.map((node) => nodes[node]!),
    edges: edges.map(([a, b]): readonly [number, number] => {
      const [x, y] = [place.get(a)!, place.get(b)!];
      return x < y ? [x, y] : [y, x];
    }),
  };
}
