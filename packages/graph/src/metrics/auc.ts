import type { Metric } from "@recon/core";
import { rankedPairs } from "./ranked-pairs.ts";

/**
 * Area under the ROC curve of edges over all pairs of nodes: the probability that a pair with an edge scores above one without, ties counted half; ½ for a guess.
 * 1 where the truth has no edges, or all of them.
 */
export function auc(): Metric {
  return {
    name: "auc",
    unit: "",
    better: "higher",
    perfect: 1,
    invariances: ["increasing functions of the scores"],
    score: (estimate, truth) => {
      let [above, edges, others] = [0, 0, 0];
      for (const tie of rankedPairs(estimate, truth)) {
        above += tie.others * (edges + tie.edges / 2);
        edges += tie.edges;
        others += tie.others;
      }
      return edges === 0 || others === 0 ? 1 : above / (edges * others);
    },
  };
}
