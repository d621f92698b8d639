import type { Metric } from "@recon/core";
import type { FeatureTable } from "../graphs/feature-table.ts";
import { decodeGraph } from "../graphs/labelled-graph.ts";
import { f1 } from "./f1.ts";
import { graphMatcher } from "./match-graphs.ts";

/**
 * F1 of edges: an edge is right where its ends are matched with the ends of a true one, as `graphMatcher` does.
 *
 * Isomorphic graphs have all edges right. Among others the order of nodes decides between matches that are equally good, which rarely changes the score.
 */
export function edgeF1(table: FeatureTable): Metric {
  const match = graphMatcher(table);
  return {
    name: "edge_f1",
    unit: "",
    better: "higher",
    perfect: 1,
    invariances: [],
    score: (estimate, truth) => {
      const [said, actual] = [decodeGraph(estimate, table), decodeGraph(truth, table)];
      return f1(match(said, actual).rightEdges.length, said.edges.length, actual.edges.length);
    },
  };
}
