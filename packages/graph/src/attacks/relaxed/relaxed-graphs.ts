import type { GeneratorPrior, Rng } from "@recon/core";
import {
  add,
  concat,
  constant,
  mul,
  type NdArray,
  type Shape,
  sigmoid,
  sizeOf,
  slice,
  softmax,
  sub,
  type Tensor,
  transpose,
} from "@recon/engine";
import { columnsOf, type FeatureTable, widthOf } from "../../graphs/feature-table.ts";
import type { ToldGraphs } from "./told-graphs.ts";

/** Standard deviation of the logits that a search starts from. */
const spread = 0.1;

/**
 * Graphs between graphs: features are a softmax over every one-hot group and a sigmoid of every flag, edges the sigmoid of a symmetric matrix without its diagonal. What was told
 * stands as it is; where the adjacency is among it, so do the degrees among the features.
 *
 *     X = softmax(V),   A = σ(U + Uᵀ) (1 − I)
 */
export function relaxedGraphs(table: FeatureTable, told: ToldGraphs): GeneratorPrior {
  const { sizes, adjacency, features } = told;
  const [batch, nodes] = [sizes.length, Math.max(...sizes)];
  const present = Float64Array.from({ length: batch * nodes }, (_, i) =>
    Number(i % nodes < sizes[Math.floor(i / nodes)]!),
  );
  const start = (shape: Shape, mean: number, rng: Rng): NdArray => ({
    shape,
    data: Float64Array.from({ length: sizeOf(shape) }, () => mean + spread * rng.normal()),
  });
  return {
    kind: "generator",
    name: "relaxed graphs",
    options: {},
    init: (_, rng) => ({
      ...(features === undefined && { features: start([batch, nodes, columnsOf(table)], 0, rng.split("features")) }),
      // About one edge in eight: sparse, as graphs are, and not yet flat.
      ...(adjacency === undefined && { edges: start([batch, nodes, nodes], -1, rng.split("edges")) }),
    }),
    decode: (latent) => {
      const mask = constant(present, [batch, nodes, 1]);
      const rows = features === undefined ? relaxedFeatures(latent.features!, table, adjacency) : constantOf(features);
      const edges = adjacency === undefined ? relaxedEdges(latent.edges!) : constantOf(adjacency);
      const between = mul(mask, transpose(mask, [0, 2, 1]));
      // Where there is no node everything is −1.
      return sub(concat([mul(rows, mask), mul(edges, between)], 2), sub(1, mask));
    },
  };
}

/** [B, n, D] of logits [B, n, D]. */
function relaxedFeatures(logits: Tensor, table: FeatureTable, adjacency: NdArray | undefined): Tensor {
  const [batch, nodes] = logits.shape as [number, number];
  const parts: Tensor[] = [];
  let start = 0;
  for (const group of table) {
    const width = widthOf(group);
    const own = slice(logits, [0, 0, start], [batch, nodes, width]);
    if (group.name === "degree" && adjacency !== undefined) parts.push(degreeColumns(group.values, adjacency));
    else parts.push(group.flag ? sigmoid(own) : softmax(own));
    start += width;
  }
  return concat(parts, 2);
}

/** Degrees of a known adjacency as one-hot columns; all zero for a degree that has none. */
function degreeColumns(values: readonly string[], { shape, data }: NdArray): Tensor {
  const [batch, nodes] = shape as [number, number];
  const columns = new Float64Array(batch * nodes * values.length);
  for (let row = 0; row < batch * nodes; row++) {
    let degree = 0;
    for (const entry of data.subarray(row * nodes, (row + 1) * nodes)) if (entry > 0) degree++;
    const at = values.indexOf(`${degree}`);
    if (at >= 0) columns[row * values.length + at] = 1;
  }
  return constant(columns, [batch, nodes, values.length]);
}

/** σ(U + Uᵀ) without its diagonal. */
function relaxedEdges(logits: Tensor): Tensor {
  const [, nodes] = logits.shape as [number, number];
  const off = Float64Array.from({ length: nodes * nodes }, (_, i) => Number(i % (nodes + 1) !== 0));
  return mul(sigmoid(add(logits, transpose(logits, [0, 2, 1]))), constant(off, [1, nodes, nodes]));
}

function constantOf({ shape, data }: NdArray): Tensor {
  return constant(data, shape);
}
