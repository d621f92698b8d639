import type { FeatureTable } from "../graphs/feature-table.ts";
import { type LabelledGraph, neighboursOf } from "../graphs/labelled-graph.ts";

/** A node told apart by its features and its degree. */
export interface NodeKind {
  readonly choices: readonly number[];
  readonly degree: number;
}

/** Which nodes there are in some graphs, and which stand beside which. */
export interface NodeStatistics {
  /** Kinds that occur, the most frequent first. */
  readonly kinds: readonly NodeKind[];
  /** log p(kind), −∞ for none that occurs or could. */
  logFrequency(kind: NodeKind): number;
  /** log p(both at the ends of one edge) − log p(one) − log p(other), each weighted by its degree. */
  logAffinity(a: NodeKind, b: NodeKind): number;
}

/** How many observations what is known of coarser kinds is worth. */
const backing = 4;

/** Groups that coarser kinds leave out. */
const fine: readonly string[] = ["degree", "hydrogens"];

/**
 * Counts of nodes and of edges.
 *
 *     p(t) = (nₜ + β ∏ p(choice)) / (n + β)
 *     r(t, u) = (nₜᵤ + β r(T, U)) / (eₜᵤ + β),   eₜᵤ what independent ends would give
 *
 * with T and U the same kinds without degree and hydrogens, whose quotient is drawn to 1 in the same way.
 */
export function nodeStatistics(graphs: readonly LabelledGraph[], table: FeatureTable): NodeStatistics {
  const keyOf = ({ choices, degree }: NodeKind): string => `${choices.join()}/${degree}`;
  const coarseOf = ({ choices }: NodeKind): string =>
    choices.filter((_, group) => !fine.includes(table[group]!.name)).join();
  const nodes = counter();
  const [ends, pairs] = [counter(), counter()];
  const [coarseEnds, coarsePairs] = [counter(), counter()];
  const choicesOf = table.map(() => counter());
  const kinds = new Map<string, NodeKind>();
  for (const graph of graphs) {
    const own = neighboursOf(graph).map(({ length }, i): NodeKind => ({ choices: graph.nodes[i]!, degree: length }));
    for (const kind of own) {
      nodes.add(keyOf(kind));
      kinds.set(keyOf(kind), kind);
      kind.choices.forEach((choice, group) => {
        choicesOf[group]!.add(`${choice}`);
      });
    }
    for (const [a, b] of graph.edges.flatMap(([a, b]) => [[a, b] as const, [b, a] as const])) {
      const [one, other] = [own[a]!, own[b]!];
      ends.add(keyOf(one));
      pairs.add(`${keyOf(one)} ${keyOf(other)}`);
      coarseEnds.add(coarseOf(one));
      coarsePairs.add(`${coarseOf(one)} ${coarseOf(other)}`);
    }
  }
  const affinity = (of: Counter, joint: Counter, a: string, b: string, otherwise: number): number => {
    const expected = of.total() === 0 ? 0 : (of.count(a) * of.count(b)) / of.total();
    return (joint.count(`${a} ${b}`) + backing * otherwise) / (expected + backing);
  };
  return {
    kinds: [...kinds.values()].sort((a, b) => nodes.count(keyOf(b)) - nodes.count(keyOf(a))),
    logFrequency: (kind) => {
      const independent = kind.choices.reduce((p, choice, group) => p * choicesOf[group]!.share(`${choice}`), 1);
      return Math.log((nodes.count(keyOf(kind)) + backing * independent) / (nodes.total() + backing));
    },
    logAffinity: (a, b) => {
      const coarse = affinity(coarseEnds, coarsePairs, coarseOf(a), coarseOf(b), 1);
      return Math.log(affinity(ends, pairs, keyOf(a), keyOf(b), coarse));
    },
  };
}

interface Counter {
  add(key: string): void;
  count(key: string): number;
  total(): number;
  share(key: string): number;
}

function counter(): Counter {
  const counts = new Map<string, number>();
  let all = 0;
  const count = (key: string): number => counts.get(key) ?? 0;
  return {
    add: (key) => {
      counts.set(key, count(key) + 1);
      all++;
    },
    count,
    total: () => all,
    share: (key) => (all === 0 ? 0 : count(key) / all),
  };
}
