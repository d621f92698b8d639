import { graphKey } from "./graph-key.ts";
import { isomorphism } from "./isomorphism.ts";
import { type LabelledGraph, neighboursOf } from "./labelled-graph.ts";

/** Graphs up to isomorphism. */
export interface GraphSet {
  /** Adds a graph by a name; returns the name of the isomorphic one that is in it already. */
  add(graph: LabelledGraph, name: string): string | undefined;
  has(graph: LabelledGraph): boolean;
}

interface Member {
  readonly graph: LabelledGraph;
  readonly name: string;
  /** Computed when it is first needed. */
  key?: string;
}

/** An empty set. */
export function graphSet(): GraphSet {
  const bySurroundings = new Map<string, Member[]>();
  const twinOf = (member: Member, others: readonly Member[]): Member | undefined =>
    others.find((other) => keyOf(other) === keyOf(member) && isomorphism(member.graph, other.graph) !== undefined);
  const othersOf = (graph: LabelledGraph): readonly [string, Member[]] => {
    const surroundings = surroundingsOf(graph);
    return [surroundings, bySurroundings.get(surroundings) ?? []];
  };
  return {
    has: (graph) => twinOf({ graph, name: "" }, othersOf(graph)[1]) !== undefined,
    add: (graph, name) => {
      const [surroundings, others] = othersOf(graph);
      const member = { graph, name };
      const twin = twinOf(member, others);
      if (twin !== undefined) return twin.name;
      others.push(member);
      bySurroundings.set(surroundings, others);
      return undefined;
    },
  };
}

function keyOf(member: Member): string {
  member.key ??= graphKey(member.graph);
  return member.key;
}

/** A text that isomorphic graphs share and most others do not: labels two steps around every node. Far cheaper than their key. */
function surroundingsOf(graph: LabelledGraph): string {
  const neighbours = neighboursOf(graph);
  const wider = (names: readonly string[]): string[] =>
    names.map((name, node) => {
      const around = neighbours[node]!.map((other) => names[other]!).sort();
      return `${name}(${around.join()})`;
    });
  const labels = graph.nodes.map((choices) => choices.join("."));
  return wider(wider(labels)).sort().join();
}
