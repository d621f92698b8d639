import type { NdArray } from "@recon/engine";
import { featureColumns, nodeCount } from "../graphs/labelled-graph.ts";

/** Pairs of nodes that share one score, from the highest score down. */
export interface Tie {
  /** Pairs with an edge, and without. */
  readonly edges: number;
  readonly others: number;
}

/**
 * All pairs of true nodes by the score that the estimate gives them: the mean of its two adjacency entries, 0 for nodes that it does not have. Nodes keep
 * their names; nothing is matched.
 */
export function rankedPairs(estimate: NdArray, truth: NdArray): readonly Tie[] {
  const size = nodeCount(truth);
  const ties = new Map<number, { edges: number; others: number }>();
  const [said, actual] = [adjacencyReader(estimate), adjacencyReader(truth)];
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) {
      const score = said(a, b);
      const tie = ties.get(score) ?? { edges: 0, others: 0 };
      ties.set(score, tie);
      if (actual(a, b) > 0.5) tie.edges++;
      else tie.others++;
    }
  }
  return [...ties].sort(([a], [b]) => b - a).map(([, tie]) => tie);
}

function adjacencyReader(item: NdArray): (a: number, b: number) => number {
  const [features, columns, size] = [featureColumns(item), item.shape[1]!, nodeCount(item)];
  return (a, b) => {
    if (a >= size || b >= size) return 0;
    return (item.data[a * columns + features + b]! + item.data[b * columns + features + a]!) / 2;
  };
}
