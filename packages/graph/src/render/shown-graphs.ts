import type { ShownItem } from "@recon/core";
import type { FeatureTable } from "../graphs/feature-table.ts";
import { decodeGraph, type LabelledGraph } from "../graphs/labelled-graph.ts";

/** The graphs of an item. */
export interface ShownGraphs {
  readonly truth?: LabelledGraph;
  readonly estimate?: LabelledGraph;
  readonly floor?: LabelledGraph;
  readonly floorName: string;
}

/** What is shown as graphs; entries are taken to the nearest graph. */
export function shownGraphs(
  { truth, estimate, floor, floorName = "blind guess" }: ShownItem,
  table: FeatureTable,
): ShownGraphs {
  return {
    ...(truth && { truth: decodeGraph(truth, table) }),
    ...(estimate && { estimate: decodeGraph(estimate, table) }),
    ...(floor && { floor: decodeGraph(floor, table) }),
    floorName,
  };
}
