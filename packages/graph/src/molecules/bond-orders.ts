import { type LabelledGraph, neighboursOf } from "../graphs/labelled-graph.ts";

export interface BondOrderOptions {
  /** Sums of bond orders that each node may have, the usual one first. */
  readonly sums: readonly (readonly number[])[];
  /** Edges that are tried as double bonds first, by index. */
  readonly preferred: (edge: number) => boolean;
}

/** Orders are 1 to 3. */
const mostExtra = 2;

/** Assignments that are tried before it is given up; molecules need a few hundred. */
const limit = 200_000;

/**
 * An order for every edge such that each node's orders sum to an allowed number, as few nodes as possible to an unusual one; undefined where none was found.
 *
 * A search over what the edges have above 1, at the node with the fewest open edges first, so that what is forced is decided at once.
 */
export function bondOrders(graph: LabelledGraph, { sums, preferred }: BondOrderOptions): number[] | undefined {
  const { edges } = graph;
  const incident: number[][] = graph.nodes.map(() => []);
  edges.forEach(([a, b], edge) => {
    incident[a]!.push(edge);
    incident[b]!.push(edge);
  });
  const allowed = neighboursOf(graph).map(({ length }, node) => sums[node]!.map((sum) => sum - length));
  const extras = new Array<number>(edges.length).fill(-1);
  const used = incident.map(() => 0);
  const open = incident.map(({ length }) => length);
  let steps = 0;

  /** How far down its list of sums a node must go, given what its edges have so far. */
  const rankOf = (node: number): number => {
    const rank = allowed[node]!.findIndex(
      (extra) => extra >= used[node]! && extra <= used[node]! + mostExtra * open[node]!,
    );
    return rank < 0 ? Number.POSITIVE_INFINITY : rank;
  };

  const next = (): number | undefined => {
    let best: number | undefined;
    for (const [node, count] of open.entries()) {
      if (count > 0 && (best === undefined || count < open[best]!)) best = node;
    }
    return best === undefined ? undefined : incident[best]!.find((edge) => extras[edge] === -1);
  };

  /** Whether the open edges can be given orders with `unusual` ranks in total. */
  const search = (unusual: number): boolean => {
    const edge = next();
    if (edge === undefined) return true;
    const [a, b] = edges[edge]!;
    const left = unusual + rankOf(a) + rankOf(b);
    open[a]!--;
    open[b]!--;
    for (const extra of preferred(edge) ? [1, 0, 2] : [0, 1, 2]) {
      if (++steps > limit) return false;
      extras[edge] = extra;
      used[a]! += extra;
      used[b]! += extra;
      const rest = left - rankOf(a) - rankOf(b);
      if (rest >= 0 && search(rest)) return true;
      used[a]! -= extra;
      used[b]! -= extra;
    }
    extras[edge] = -1;
    open[a]!++;
    open[b]!++;
    return false;
  };

  const forced = graph.nodes.reduce((total, _, node) => total + rankOf(node), 0);
  if (forced === Number.POSITIVE_INFINITY) return undefined;
  const most = allowed.reduce((total, of) => total + of.length - 1, 0);
  for (let unusual = 0; unusual <= most - forced && steps <= limit; unusual++) {
    if (search(unusual)) return extras.map((extra) => extra + 1);
  }
  return undefined;
}
