import type { Rng } from "@recon/core";
import type { LabelledGraph } from "../graphs/labelled-graph.ts";
import type { AtomFeatures } from "../molecules/atom-features.ts";
import type { NodeKind, NodeStatistics } from "./node-statistics.ts";
import type { RingStatistics } from "./ring-statistics.ts";

/** What graphs are grown by. */
export interface Growth {
  readonly nodes: NodeStatistics;
  readonly rings: RingStatistics;
  /** Of every kind of `nodes.kinds`. */
  readonly atoms: readonly AtomFeatures[];
}

/** A node of a graph that grows. */
interface Grown {
  readonly kind: number;
  readonly neighbours: number[];
}

/**
 * Grows a connected graph of so many atoms, an atom or a bond at a time: a walk in depth, in which a new atom may close rings with those on the way to it and then gets the
 * neighbours that its degree asks for.
 *
 *     p(next kind | kind) ∝ degree · p(kind) · r(kind, next)
 *
 * Masked are atoms that would leave a ring or an aromatic atom without two neighbours of its sort, and those with which the size could not be met.
 *
 * @returns undefined where the walk ended with bonds left over.
 */
export function growGraph(size: number, { nodes, rings, atoms }: Growth, rng: Rng): LabelledGraph | undefined {
  const { kinds } = nodes;
  const grown: Grown[] = [];
  const path: number[] = [];
  const openOf = ({ kind, neighbours }: Grown): number => kinds[kind]!.degree - neighbours.length;
  const open = (onlyRings: boolean): number =>
    grown.reduce((sum, node) => sum + (onlyRings && !atoms[node.kind]!.ring ? 0 : openOf(node)), 0);
  /** Whether the size can still be met with an atom of a kind added to one that is there. */
  const fits = (kind: number, root: boolean): boolean => {
    const { degree } = kinds[kind]!;
    const slots = open(false) + degree - (root ? 0 : 2);
    const pairable = open(true) + (atoms[kind]!.ring ? degree : 0);
    const placed = grown.length + 1;
    return placed + Math.max(0, slots - pairable) <= size && (slots > 0 || placed === size);
  };
  const join = (a: number, b: number): void => {
    grown[a]!.neighbours.push(b);
    grown[b]!.neighbours.push(a);
  };
  const visit = (kind: number, from: number | undefined): boolean => {
    const own: Grown = { kind, neighbours: [] };
    const node = grown.push(own) - 1;
    if (from !== undefined) join(node, from);
    for (let depth = path.length - 2; depth >= 0 && openOf(own) > 0; depth--) {
      const before = grown[path[depth]!]!;
      if (openOf(before) === 0 || !atoms[kind]!.ring || !atoms[before.kind]!.ring) continue;
      const aromatic = atoms[kind]!.aromatic && atoms[before.kind]!.aromatic;
      if (rng.uniform() < rings.closing(path.length - depth + 1, aromatic)) join(node, path[depth]!);
    }
    path.push(node);
    while (openOf(own) > 0) {
      const next = drawn(
        kinds.map((other, i) => (allowed(own, i) && fits(i, false) ? weight(kinds[kind]!, other) : 0)),
        rng,
      );
      if (next === undefined || !visit(next, node)) return false;
    }
    path.pop();
    return true;
  };
  const weight = (kind: NodeKind, next: NodeKind): number =>
    next.degree * Math.exp(nodes.logFrequency(next) + nodes.logAffinity(kind, next));
  /** Whether an atom can have one of a kind as its next neighbour. */
  const allowed = (own: Grown, next: number): boolean => {
    const [atom, other] = [atoms[own.kind]!, atoms[next]!];
    const lacking = (sort: "ring" | "aromatic"): number =>
      atom[sort] ? 2 - own.neighbours.filter((i) => atoms[grown[i]!.kind]![sort]).length : 0;
    const after = openOf(own) - 1;
    return lacking("ring") - Number(other.ring) <= after && lacking("aromatic") - Number(other.aromatic) <= after;
  };
  const root = drawn(
    kinds.map((kind, i) => (fits(i, true) ? Math.exp(nodes.logFrequency(kind)) : 0)),
    rng,
  );
  if (root === undefined || !visit(root, undefined) || grown.length !== size) return undefined;
  return {
    nodes: grown.map(({ kind }) => kinds[kind]!.choices),
    edges: grown.flatMap(({ neighbours }, a) => neighbours.filter((b) => b > a).map((b) => [a, b] as const)),
  };
}

/** A place, drawn by its weight; undefined where all are 0. */
function drawn(weights: readonly number[], rng: Rng): number | undefined {
  let left = rng.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  let last: number | undefined;
  for (const [i, weight] of weights.entries()) {
    if (weight === 0) continue;
    last = i;
    left -= weight;
    if (left < 0) break;
  }
  return last;
}
