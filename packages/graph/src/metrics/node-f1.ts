import type { Metric } from "@recon/core";
import type { FeatureTable } from "../graphs/feature-table.ts";
import { decodeGraph } from "../graphs/labelled-graph.ts";
import { f1 } from "./f1.ts";

/** F1 of nodes as a multiset: a node is right where one of the truth has all its features, each of those counted once. */
export function nodeF1(table: FeatureTable): Metric {
  return {
    name: "node_f1",
    unit: "",
    better: "higher",
    perfect: 1,
    invariances: ["order of nodes"],
    score: (estimate, truth) => {
      const [said, actual] = [estimate, truth].map((item) => decodeGraph(item, table).nodes) as [Nodes, Nodes];
      const left = new Map<string, number>();
      for (const choices of actual) left.set(choices.join(), (left.get(choices.join()) ?? 0) + 1);
      let hits = 0;
      for (const choices of said) {
        const count = left.get(choices.join()) ?? 0;
        if (count === 0) continue;
        hits++;
        left.set(choices.join(), count - 1);
      }
      return f1(hits, said.length, actual.length);
    },
  };
}

type Nodes = readonly (readonly number[])[];
