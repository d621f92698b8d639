import type { Rng } from "@recon/core";
import { type LabelledGraph, neighboursOf } from "../graphs/labelled-graph.ts";

/** How rings close in some graphs. */
export interface RingStatistics {
  /** Probability that a node which a walk has just reached is joined to one that the walk came by, if that makes a ring of so many. */
  closing(size: number, aromatic: boolean): number;
  /** log p(size) of the smallest ring that an edge of a ring lies in. */
  logSize(size: number): number;
}

/** Larger rings count as this large. */
const largest = 12;

/** Counts of rings, by walks in depth through every graph and by the smallest rings of edges. */
export function ringStatistics(
  graphs: readonly LabelledGraph[],
  is: {
    readonly ring: (choices: readonly number[]) => boolean;
    readonly aromatic: (choices: readonly number[]) => boolean;
  },
  rng: Rng,
): RingStatistics {
  const [chances, closed] = [new Float64Array(2 * largest + 2), new Float64Array(2 * largest + 2)];
  const sizes = new Float64Array(largest + 1);
  const place = (size: number, aromatic: boolean): number => 2 * Math.min(size, largest) + Number(aromatic);
  graphs.forEach((graph, i) => {
    for (const size of ringSizes(graph)) if (size > 0) sizes[Math.min(size, largest)]! += 1 / size;
    walk(graph, rng.split(`${i}`), (a, b, size, joined) => {
      const [one, other] = [graph.nodes[a]!, graph.nodes[b]!];
      if (!is.ring(one) || !is.ring(other)) return;
      const at = place(size, is.aromatic(one) && is.aromatic(other));
      chances[at]!++;
      if (joined) closed[at]!++;
    });
  });
  const all = sizes.reduce((sum, count) => sum + count, 0);
  return {
    closing: (size, aromatic) => {
      const at = place(size, aromatic);
      return (closed[at]! + 0.1) / (chances[at]! + 1);
    },
    logSize: (size) => Math.log((sizes[Math.min(size, largest)]! + 0.1) / (all + 0.1 * largest)),
  };
}

/** For every edge the size of the smallest ring that it lies in, 0 where there is none. */
export function ringSizes(graph: LabelledGraph): number[] {
  const neighbours = neighboursOf(graph);
  return graph.edges.map(([a, b]) => {
    const distance = new Map([[a, 0]]);
    const open = [a];
    for (const node of open) {
      for (const other of neighbours[node]!) {
        if (distance.has(other) || (node === a && other === b)) continue;
        distance.set(other, distance.get(node)! + 1);
        open.push(other);
      }
    }
    return distance.has(b) ? distance.get(b)! + 1 : 0;
  });
}

/** Walks in depth from a drawn node, and tells of every pair of a new node and one on the way to it that could be joined, with the size of the ring. */
function walk(
  graph: LabelledGraph,
  rng: Rng,
  tell: (node: number, before: number, size: number, joined: boolean) => void,
): void {
  const size = graph.nodes.length;
  const neighbours = neighboursOf(graph);
  const open = neighbours.map(({ length }) => length);
  const reached = new Array<boolean>(size).fill(false);
  const path: number[] = [];
  const visit = (node: number): void => {
    reached[node] = true;
    for (let depth = path.length - 2; depth >= 0 && open[node]! > 0; depth--) {
      const before = path[depth]!;
      if (open[before] === 0) continue;
      const joined = neighbours[node]!.includes(before);
      tell(node, before, path.length - depth + 1, joined);
      if (!joined) continue;
      open[node]!--;
      open[before]!--;
    }
    path.push(node);
    for (const at of rng.permutation(neighbours[node]!.length)) {
      const other = neighbours[node]![at]!;
      if (reached[other]) continue;
      open[node]!--;
      open[other]!--;
      visit(other);
    }
    path.pop();
  };
  for (const root of rng.permutation(size)) if (!reached[root]) visit(root);
}
