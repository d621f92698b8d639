import type { Metric } from "@recon/core";
import type { FeatureTable } from "../graphs/feature-table.ts";
import { isomorphism } from "../graphs/isomorphism.ts";
import { decodeGraph } from "../graphs/labelled-graph.ts";

/**
 * 1 where the estimate is the true graph under some numbering of its nodes, all features equal, 0 elsewhere.
 *
 * Entries are taken to the nearest graph first, as `decodeGraph` does.
 */
export function exact(table: FeatureTable): Metric {
  return {
    name: "exact",
    unit: "",
    better: "higher",
    perfect: 1,
    invariances: ["order of nodes"],
    score: (estimate, truth) =>
      isomorphism(decodeGraph(estimate, table), decodeGraph(truth, table)) === undefined ? 0 : 1,
  };
}
