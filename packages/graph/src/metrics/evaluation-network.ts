import { rng } from "@recon/core";
import type { FeatureTable } from "../graphs/feature-table.ts";
import { columnsOf, featureRow } from "../graphs/feature-table.ts";
import { type LabelledGraph, neighboursOf } from "../graphs/labelled-graph.ts";

/** Rows of an embedding, one for each node. */
export type Embedding = readonly Float64Array[];

/** Embeddings of a graph at depth 0, the features themselves, to `depth`. */
export type EvaluationNetwork = (graph: LabelledGraph) => readonly Embedding[];

const width = 32;

/**
 * A graph network that only compares graphs: h ← tanh(D^−½ (A + I) (h W)) with D the degrees of A + I and fixed weights of variance 2/(in + out), apart from every
 * victim. What it says of a node at depth k depends on its k-hop neighbourhood alone; unlike the symmetric normalisation of a graph convolution, this one sees how
 * many neighbours there are where all are alike.
 */
export function evaluationNetwork(table: FeatureTable, depth: number): EvaluationNetwork {
  const stream = rng("evaluation network");
  const weights = Array.from({ length: depth }, (_, layer) => {
    const into = layer === 0 ? columnsOf(table) : width;
    const numbers = stream.split(`layer ${layer}`);
    const deviation = Math.sqrt(2 / (into + width));
    return Array.from({ length: into }, () => Float64Array.from({ length: width }, () => deviation * numbers.normal()));
  });
  return (graph) => {
    const neighbours = neighboursOf(graph);
    const scale = neighbours.map(({ length }) => 1 / Math.sqrt(length + 1));
    const embeddings: Embedding[] = [graph.nodes.map((choices) => featureRow(table, choices))];
    for (const matrix of weights) {
      const mapped = embeddings.at(-1)!.map((row) => product(row, matrix));
      embeddings.push(
        mapped.map((own, node) => {
          const total = Float64Array.from(own);
          for (const other of neighbours[node]!) {
            mapped[other]!.forEach((value, i) => {
              total[i]! += value;
            });
          }
          return total.map((value) => Math.tanh(scale[node]! * value));
        }),
      );
    }
    return embeddings;
  };
}

/** row · matrix. */
function product(row: Float64Array, matrix: readonly Float64Array[]): Float64Array {
  const result = new Float64Array(width);
  row.forEach((factor, i) => {
    if (factor === 0) return;
    matrix[i]!.forEach((value, j) => {
      result[j]! += factor * value;
    });
  });
  return result;
}
