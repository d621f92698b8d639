import type { Candidates } from "./candidates.ts";

/** The bipartite graph of ids and places whose edges are the admitted pairs, and what its shape says about the texts behind them. */
export interface TokenGraph {
  /** Admitted (id, place) pairs. */
  readonly pairs: number;
  /** Different ids T among them. */
  readonly ids: number;
  /** Places P. */
  readonly places: number;
  readonly components: number;
  /** T + P − components: the rank that pairs of these components have at most, but for one that their norms add. */
  readonly rank: number;
  /** Whether the graph holds a cycle, so that some pairs are sums of others. */
  readonly cyclic: boolean;
  /** Pairs that would be admitted if every id of a component were at each of its places. */
  readonly closure: number;
}

/**
 * The graph of admitted pairs. An input is, up to its scale, the sum of a vector of the id and one of the place:
 *
 *     (t, p) + (u, q) − (t, q) − (u, p) = 0
 *
 * so pairs are independent while their graph is a forest; a cycle makes one pair a combination of the others, and then every id of a component lies in the span at
 * every place of it.
 */
export function tokenGraph(candidates: Candidates): TokenGraph {
  const parent = new Map<string, string>();
  const rootOf = (node: string): string => {
    let root = node;
    for (let next = parent.get(root); next !== undefined; next = parent.get(root)) root = next;
    return root;
  };
  let pairs = 0;
  let merged = 0;
  const nodes = new Set<string>();
  candidates.forEach((ids, place) => {
    for (const id of ids) {
      pairs++;
      const ends = [`id ${id}`, `place ${place}`] as const;
      for (const end of ends) nodes.add(end);
      const [a, b] = [rootOf(ends[0]), rootOf(ends[1])];
      if (a === b) continue;
      parent.set(a, b);
      merged++;
    }
  });
  const sizes = new Map<string, { ids: number; places: number }>();
  for (const node of nodes) {
    const root = rootOf(node);
    const size = sizes.get(root) ?? { ids: 0, places: 0 };
    if (node.startsWith("id ")) size.ids++;
    else size.places++;
    sizes.set(root, size);
  }
  const places = candidates.filter((ids) => ids.length > 0).length;
  return {
    pairs,
    ids: nodes.size - places,
    places,
    components: sizes.size,
    rank: merged,
    cyclic: merged < pairs,
    closure: [...sizes.values()].reduce((sum, size) => sum + size.ids * size.places, 0),
  };
}
