import { graphKey } from "./graph-key.ts";
import { isomorphism } from "./isomorphism.ts";
import type { LabelledGraph } from "./labelled-graph.ts";

/** Graphs up to isomorphism. */
export interface GraphSet {
  /** Adds a graph by a name; returns the name of the isomorphic one that is in it already. */
  add(graph: LabelledGraph, name: string): string | undefined;
  has(graph: LabelledGraph): boolean;
}

/** An empty set. */
export function graphSet(): GraphSet {
  const byKey = new Map<string, { readonly graph: LabelledGraph; readonly name: string }[]>();
  const twinOf = (graph: LabelledGraph, key: string): string | undefined =>
    byKey.get(key)?.find((other) => isomorphism(graph, other.graph) !== undefined)?.name;
  return {
    has: (graph) => twinOf(graph, graphKey(graph)) !== undefined,
    add: (graph, name) => {
      const key = graphKey(graph);
      const twin = twinOf(graph, key);
      if (twin === undefined) byKey.set(key, [...(byKey.get(key) ?? []), { graph, name }]);
      return twin;
    },
  };
}
