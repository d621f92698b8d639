import type { Metric } from "@recon/core";
import type { FeatureTable } from "../graphs/feature-table.ts";
import { isomorphism } from "../graphs/isomorphism.ts";
import { decodeGraph, type LabelledGraph, neighboursOf } from "../graphs/labelled-graph.ts";
import { evaluationNetwork } from "./evaluation-network.ts";
import { f1 } from "./f1.ts";
import { matchingDepth, matchNodes } from "./match-nodes.ts";

/**
 * F1 of edges: an edge is right where its ends are matched with the ends of a true one.
 *
 * Isomorphic graphs are matched as such, others as `matchNodes` says. Nodes that look alike to it are then exchanged as long as more edges come to lie on true
 * ones, so that the order of nodes matters little; it can matter still.
 */
export function edgeF1(table: FeatureTable): Metric {
  const network = evaluationNetwork(table, matchingDepth);
  return {
    name: "edge_f1",
    unit: "",
    better: "higher",
    perfect: 1,
    invariances: [],
    score: (estimate, truth) => {
      const [said, actual] = [decodeGraph(estimate, table), decodeGraph(truth, table)];
      const same = isomorphism(said, actual);
      const match = same ?? exchanged(said, actual, Array.from(matchNodes(said, actual, network)), looks(said));
      return f1(hitsOf(said, actual, match), said.edges.length, actual.edges.length);
    },
  };

  /** A name for what the matching sees of each node: equal names, equal distances to everything. */
  function looks(graph: LabelledGraph): readonly string[] {
    const embeddings = network(graph);
    return graph.nodes.map((choices, node) => {
      const rounded = embeddings.slice(1).map((rows) => Array.from(rows[node]!, (value) => value.toFixed(9)).join());
      return `${choices.join()}|${rounded.join("|")}`;
    });
  }
}

/** Edges of the estimate that lie on true ones. */
function hitsOf(said: LabelledGraph, actual: LabelledGraph, match: readonly number[]): number {
  const truth = adjacencyOf(actual);
  return said.edges.filter(([a, b]) => truth[match[a]!]?.has(match[b]!)).length;
}

/** The match with alike nodes exchanged while that gains edges. */
function exchanged(
  said: LabelledGraph,
  actual: LabelledGraph,
  start: readonly number[],
  alike: readonly string[],
): readonly number[] {
  const [own, truth] = [adjacencyOf(said), adjacencyOf(actual)];
  const match = [...start];
  /** Hits at two nodes, the edge between them left out: it is one of theirs either way. */
  const hitsAt = (a: number, b: number): number =>
    [a, b].reduce((total, node) => {
      const around = truth[match[node]!];
      if (around === undefined) return total;
      return total + [...own[node]!].filter((other) => other !== a && other !== b && around.has(match[other]!)).length;
    }, 0);
  const exchange = (a: number, b: number): void => {
    [match[a], match[b]] = [match[b]!, match[a]!];
  };
  for (let gained = true; gained; ) {
    gained = false;
    for (let a = 0; a < match.length; a++) {
      for (let b = a + 1; b < match.length; b++) {
        if (alike[a] !== alike[b]) continue;
        const before = hitsAt(a, b);
        exchange(a, b);
        if (hitsAt(a, b) > before) gained = true;
        else exchange(a, b);
      }
    }
  }
  return match;
}

function adjacencyOf(graph: LabelledGraph): readonly ReadonlySet<number>[] {
  return neighboursOf(graph).map((around) => new Set(around));
}
