import type { Metric } from "@recon/core";
import { rankedPairs } from "./ranked-pairs.ts";

/**
 * Average precision of edges over all pairs of nodes: Σ (Rₖ − Rₖ₋₁) Pₖ over the distinct scores from the highest down, with precision Pₖ and recall Rₖ of all pairs
 * up to there. A guess has the density of edges. 1 where the truth has no edges.
 */
export function averagePrecision(): Metric {
  return {
    name: "ap",
    unit: "",
    better: "higher",
    perfect: 1,
    invariances: ["increasing functions of the scores"],
    score: (estimate, truth) => {
      let [total, edges, pairs] = [0, 0, 0];
      for (const tie of rankedPairs(estimate, truth)) {
        edges += tie.edges;
        pairs += tie.edges + tie.others;
        total += (tie.edges * edges) / pairs;
      }
      return edges === 0 ? 1 : total / edges;
    },
  };
}
