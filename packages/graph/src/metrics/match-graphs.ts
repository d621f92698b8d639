import type { FeatureTable } from "../graphs/feature-table.ts";
import { isomorphism } from "../graphs/isomorphism.ts";
import { type LabelledGraph, neighboursOf } from "../graphs/labelled-graph.ts";
import { evaluationNetwork } from "./evaluation-network.ts";
import { matchingDepth, matchNodes } from "./match-nodes.ts";

/** Which true node each node of an estimate stands for. */
export interface GraphMatch {
  /** By node of the estimate; −1 for none. */
  readonly nodes: readonly number[];
  /** Edges of the estimate, by index, that lie on true ones. */
  readonly rightEdges: readonly number[];
  readonly isomorphic: boolean;
}

/**
 * Matches the nodes of two graphs: isomorphic ones as such, others as `matchNodes` says. Nodes that look alike to it are then exchanged as long as more edges come
 * to lie on true ones.
 */
export function graphMatcher(table: FeatureTable): (said: LabelledGraph, actual: LabelledGraph) => GraphMatch {
  const network = evaluationNetwork(table, matchingDepth);
  return (said, actual) => {
    const same = isomorphism(said, actual);
    const nodes = same ?? exchanged(said, actual, Array.from(matchNodes(said, actual, network)), looks(said));
    const truth = adjacencyOf(actual);
    const right = said.edges.map(([a, b], edge) => (truth[nodes[a]!]?.has(nodes[b]!) === true ? edge : -1));
    return { nodes, rightEdges: right.filter((edge) => edge >= 0), isomorphic: same !== undefined };
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
