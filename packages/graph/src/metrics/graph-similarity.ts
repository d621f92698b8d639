import type { Metric } from "@recon/core";
import { columnsOf, type FeatureTable } from "../graphs/feature-table.ts";
import { decodeGraph } from "../graphs/labelled-graph.ts";
import { type Embedding, evaluationNetwork } from "./evaluation-network.ts";
import { f1 } from "./f1.ts";
import { matchingDepth, matchNodes } from "./match-nodes.ts";

/**
 * GSM-k, the similarity of two graphs at depth k, in [0, 1]: over matched nodes
 *
 *     GSM-0 = F1 of every feature column, weighted by how often the truth has it
 *     GSM-k = max(0, 1 − Σ ‖hᵢ − h'ᵢ‖² / Σ ‖h'ᵢ − mean h'‖²)   of the embeddings h, h' at depth k of a fixed evaluation network
 *
 * times the smaller number of nodes over the larger. Where all true nodes are alike at depth k, GSM-k is 1 for embeddings equal to theirs and 0 for others.
 *
 * @see D. I. Dimitrov et al., "GRAIN: exact graph reconstruction from gradients", ICLR 2025; R² here is over all entries together, and F1 is the harmonic
 * mean of precision and recall.
 */
export function graphSimilarity(table: FeatureTable, depth: 0 | 1 | 2): Metric {
  const network = evaluationNetwork(table, matchingDepth);
  return {
    name: `gsm${depth}`,
    unit: "",
    better: "higher",
    perfect: 1,
    invariances: ["order of nodes"],
    score: (estimate, truth) => {
      const [said, actual] = [decodeGraph(estimate, table), decodeGraph(truth, table)];
      const sizes = [said.nodes.length, actual.nodes.length];
      if (sizes.includes(0)) return Number(sizes[0] === sizes[1]);
      const match = matchNodes(said, actual, network);
      const [found, wanted] = [network(said)[depth]!, network(actual)[depth]!];
      const pairs = Array.from(match, (j, i) => [i, j] as const).filter(([, j]) => j >= 0);
      const matched = pairs.map(([i, j]): Pair => [found[i]!, wanted[j]!]);
      const score = depth === 0 ? weightedF1(matched, columnsOf(table)) : determination(matched);
      return (score * Math.min(...sizes)) / Math.max(...sizes);
    },
  };
}

/** A row of the estimate's and one of the truth's embedding. */
type Pair = readonly [Embedding[number], Embedding[number]];

/** F1 of columns of zeros and ones, weighted by their ones in the truth. */
function weightedF1(pairs: readonly Pair[], columns: number): number {
  let [total, weight] = [0, 0];
  for (let column = 0; column < columns; column++) {
    let [hits, said, actual] = [0, 0, 0];
    for (const [found, wanted] of pairs) {
      hits += found[column]! * wanted[column]!;
      said += found[column]!;
      actual += wanted[column]!;
    }
    total += actual * f1(hits, said, actual);
    weight += actual;
  }
  return weight === 0 ? 1 : total / weight;
}

/** What is rounding in a sum of squares, relative to the squares of the entries themselves. */
const rounding = 1e-20;

/** max(0, R²) over all entries together. */
function determination(pairs: readonly Pair[]): number {
  const columns = pairs[0]![1].length;
  let [missed, spread, size] = [0, 0, 0];
  for (let column = 0; column < columns; column++) {
    const mean = pairs.reduce((total, [, wanted]) => total + wanted[column]!, 0) / pairs.length;
    for (const [found, wanted] of pairs) {
      missed += (found[column]! - wanted[column]!) ** 2;
      spread += (wanted[column]! - mean) ** 2;
      size += wanted[column]! ** 2;
    }
  }
  if (missed <= rounding * size) return 1;
  return spread <= rounding * size ? 0 : Math.max(0, 1 - missed / spread);
}
