import type { Domain, Metric } from "@recon/core";
import { badOption, checkOptions, integer, oneOf } from "@recon/core/options";
import type { NdArray, Shape } from "@recon/engine";
import { columnsOf, type FeatureTable, featureTable } from "./graphs/feature-table.ts";
import { encodeGraph, type LabelledGraph } from "./graphs/labelled-graph.ts";
import { auc } from "./metrics/auc.ts";
import { averagePrecision } from "./metrics/average-precision.ts";
import { edgeF1 } from "./metrics/edge-f1.ts";
import { exact } from "./metrics/exact.ts";
import { graphSimilarity } from "./metrics/graph-similarity.ts";
import { nodeF1 } from "./metrics/node-f1.ts";
import { renderGraph } from "./render/render-graph.ts";
import { told } from "./told.ts";

/** Molecules, whose atoms have no names, or graphs of which the edges are the secret. */
export type GraphKind = "molecule" | "edges";

export interface GraphDomainOptions {
  /** What the feature columns mean. */
  readonly features: FeatureTable;
  /** Nodes of the largest graph, N. */
  readonly largest: number;
  readonly kind: GraphKind;
}

/** The guess about a graph of so many nodes of someone who saw nothing. */
export type BlindGraph = (nodes: number) => LabelledGraph;

/** Graphs as a `Domain`: items [n, D + n], node features and then the adjacency; batches are filled up with −1. */
export interface GraphDomain extends Domain {
  readonly table: FeatureTable;
  /** Feature columns, D. */
  readonly features: number;
  readonly largest: number;
  readonly kind: GraphKind;
}

/** What a batch of graphs of different sizes is filled up with. */
export const noNode: number = -1;

/** Whether a domain is that of graphs. */
export function isGraphDomain(domain: Domain): domain is GraphDomain {
  return "table" in domain && "largest" in domain && "kind" in domain;
}

/**
 * Graphs with labelled nodes, of which nothing is known but what the features mean.
 *
 * Metrics: similarity at depth 0, 1 and 2 (GSM), whether the graph is exactly the true one, F1 of nodes and of edges, none of which sees how nodes are numbered; before
 * them, where the edges are the secret and the nodes have names, AUC and average precision of edges over all pairs. Batch items are matched by the first.
 *
 * @throws ReconError `bad-option`.
 */
export function graphDomain(options: GraphDomainOptions, blind: BlindGraph): GraphDomain {
  checkOptions("graphDomain", options, {
    features: featureTable,
    largest: integer(1, 100_000),
    kind: oneOf(["molecule", "edges"]),
  });
  for (const name of ["features", "largest", "kind"] as const) {
    if (options[name] === undefined) throw badOption("graphDomain", name, options[name], "given");
  }
  const { features: table, largest, kind } = options;
  const metrics: readonly Metric[] = [
    graphSimilarity(table, 0),
    graphSimilarity(table, 1),
    graphSimilarity(table, 2),
    exact(table),
    nodeF1(table),
    edgeF1(table),
  ];
  const bound = (value: number): NdArray => ({ shape: [1], data: Float64Array.of(value) });
  return {
    name: "graph",
    options: { features: table.map((group) => ({ ...group })), largest, kind },
    table,
    features: columnsOf(table),
    largest,
    kind,
    padding: noNode,
    lower: bound(0),
    upper: bound(1),
    told,
    metrics: kind === "edges" ? [auc(), averagePrecision(), ...metrics] : metrics,
    blind: ([nodes = 1]: Shape) => encodeGraph(blind(nodes), table),
    render: async (item) => renderGraph(item, kind, table),
  };
}
