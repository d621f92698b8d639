import type { Rng } from "@recon/core";
import { type LabelledGraph, neighboursOf } from "../../../graphs/labelled-graph.ts";
import { type AtomKinds, onCycles } from "./atom-kinds.ts";

/** Draws features for a node of a graph, of those that fit its place. */
export type DrawChoices = (
  graph: LabelledGraph,
  node: number,
  options: readonly (readonly number[])[],
  rng: Rng,
) => readonly number[];

export interface MoveOptions {
  readonly kinds: AtomKinds;
  readonly draw: DrawChoices;
  /** Most nodes that a graph may have. */
  readonly largest: number;
  /** Whether nodes may come and go. */
  readonly resize: boolean;
}

/** Edges as lists of neighbours, to be changed. */
interface Draft {
  readonly nodes: (readonly number[])[];
  readonly links: Set<number>[];
  /** Hydrogens that each node gains. */
  readonly gained: number[];
  /** Nodes whose features are drawn anew once their places are known. */
  readonly fresh: Set<number>;
}

type Move = (draft: Draft, rng: Rng) => boolean;

/** A graph after one or two drawn changes, each of whose atoms can exist; undefined where the draw led to none. */
export function moved(graph: LabelledGraph, options: MoveOptions, rng: Rng): LabelledGraph | undefined {
  const { resize, largest } = options;
  const moves = [...sameSize, ...(resize ? otherSizes : sizePreserving)];
  const draft = draftOf(graph);
  const count = rng.uniform() < 0.25 ? 2 : 1;
  for (let i = 0; i < count; i++) if (!moves[rng.integer(moves.length)]!(draft, rng)) return undefined;
  if (draft.nodes.length === 0 || draft.nodes.length > largest) return undefined;
  return settled(draft, options, rng);
}

/** The graph of a draft, features adapted to the places; undefined where an atom fits none, or it falls apart. */
function settled(
  { nodes, links, gained, fresh }: Draft,
  { kinds, draw }: MoveOptions,
  rng: Rng,
): LabelledGraph | undefined {
  if (!connected(links)) return undefined;
  const edges = links.flatMap((of, a) => [...of].flatMap((b) => (a < b ? [[a, b] as const] : [])));
  const cyclic = onCycles({ nodes, edges });
  const placed: (readonly number[])[] = [];
  for (const [i, choices] of nodes.entries()) {
    const own = kinds.nearest(choices, links[i]!.size, cyclic[i]!, gained[i]!);
    if (own === undefined) return undefined;
    placed.push(own);
  }
  let graph: LabelledGraph = { nodes: placed, edges };
  for (const i of fresh) {
    const options = kinds.options(links[i]!.size, cyclic[i]!);
    graph = { nodes: graph.nodes.with(i, draw(graph, i, options, rng)), edges };
  }
  return graph;
}

function draftOf(graph: LabelledGraph): Draft {
  return {
    nodes: [...graph.nodes],
    links: neighboursOf(graph).map((of) => new Set(of)),
    gained: graph.nodes.map(() => 0),
    fresh: new Set(),
  };
}

function connected(links: readonly ReadonlySet<number>[]): boolean {
  const open = [0];
  const seen = new Set(open);
  for (const node of open) {
    for (const other of links[node]!) {
      if (seen.has(other)) continue;
      seen.add(other);
      open.push(other);
    }
  }
  return seen.size === links.length;
}

const one = (draft: Draft, rng: Rng): number => rng.integer(draft.nodes.length);

function join({ links, gained }: Draft, a: number, b: number): void {
  links[a]!.add(b);
  links[b]!.add(a);
  gained[a]!--;
  gained[b]!--;
}

function part({ links, gained }: Draft, a: number, b: number): void {
  links[a]!.delete(b);
  links[b]!.delete(a);
  gained[a]!++;
  gained[b]!++;
}

/** A neighbour of a node. */
function neighbour({ links }: Draft, node: number, rng: Rng): number | undefined {
  const all = [...links[node]!];
  return all.length === 0 ? undefined : all[rng.integer(all.length)];
}

const relabel: Move = (draft, rng) => {
  draft.fresh.add(one(draft, rng));
  return true;
};

/** More or fewer hydrogens on both ends of an edge: a bond of another order. */
const reorder: Move = (draft, rng) => {
  const a = one(draft, rng);
  const b = neighbour(draft, a, rng);
  if (b === undefined) return false;
  const change = rng.uniform() < 0.5 ? 1 : -1;
  draft.gained[a]! += change;
  draft.gained[b]! += change;
  return true;
};

const swap: Move = (draft, rng) => {
  const [a, b] = [one(draft, rng), one(draft, rng)];
  if (draft.nodes[a]!.join() === draft.nodes[b]!.join()) return false;
  [draft.nodes[a], draft.nodes[b]] = [draft.nodes[b]!, draft.nodes[a]!];
  return true;
};

/** The other end of an edge. */
const rewire: Move = (draft, rng) => {
  const a = one(draft, rng);
  const b = neighbour(draft, a, rng);
  const c = one(draft, rng);
  if (b === undefined || c === a || c === b || draft.links[a]!.has(c)) return false;
  part(draft, a, b);
  join(draft, a, c);
  return true;
};

/** What two nodes hold, but for each other. */
const crossOver: Move = (draft, rng) => {
  const [a, c] = [one(draft, rng), one(draft, rng)];
  const [b, d] = [neighbour(draft, a, rng), neighbour(draft, c, rng)];
  if (b === undefined || d === undefined || new Set([a, b, c, d]).size < 4) return false;
  if (draft.links[a]!.has(d) || draft.links[c]!.has(b)) return false;
  part(draft, a, b);
  part(draft, c, d);
  join(draft, a, d);
  join(draft, c, b);
  return true;
};

const close: Move = (draft, rng) => {
  const [a, b] = [one(draft, rng), one(draft, rng)];
  if (a === b || draft.links[a]!.has(b)) return false;
  join(draft, a, b);
  return true;
};

const open: Move = (draft, rng) => {
  const a = one(draft, rng);
  const b = neighbour(draft, a, rng);
  if (b === undefined) return false;
  part(draft, a, b);
  return true;
};

const attach: Move = (draft, rng) => {
  const a = one(draft, rng);
  draft.nodes.push(draft.nodes[a]!);
  draft.links.push(new Set());
  draft.gained.push(0);
  join(draft, a, draft.nodes.length - 1);
  draft.fresh.add(draft.nodes.length - 1);
  if (rng.uniform() < 0.3) draft.fresh.add(a);
  return true;
};

const insert: Move = (draft, rng) => {
  const a = one(draft, rng);
  const b = neighbour(draft, a, rng);
  if (b === undefined) return false;
  part(draft, a, b);
  draft.nodes.push(draft.nodes[rng.uniform() < 0.5 ? a : b]!);
  draft.links.push(new Set());
  draft.gained.push(0);
  const middle = draft.nodes.length - 1;
  join(draft, a, middle);
  join(draft, b, middle);
  draft.gained[middle] = 0;
  if (rng.uniform() < 0.5) draft.fresh.add(middle);
  return true;
};

const remove: Move = (draft, rng) => {
  const a = one(draft, rng);
  const around = [...draft.links[a]!];
  if (around.length === 0 || around.length > 2) return false;
  for (const b of around) part(draft, a, b);
  const [b, c] = around;
  if (c !== undefined) {
    if (draft.links[b!]!.has(c)) return false;
    join(draft, b!, c);
  }
  drop(draft, a);
  return true;
};

/** Takes a lonely node out; the last one gets its place. */
function drop(draft: Draft, node: number): void {
  const last = draft.nodes.length - 1;
  if (node !== last) {
    draft.nodes[node] = draft.nodes[last]!;
    draft.gained[node] = draft.gained[last]!;
    draft.links[node] = draft.links[last]!;
    for (const other of draft.links[node]!) {
      draft.links[other]!.delete(last);
      draft.links[other]!.add(node);
    }
    if (draft.fresh.has(last)) draft.fresh.add(node);
    else draft.fresh.delete(node);
  }
  draft.fresh.delete(last);
  draft.nodes.pop();
  draft.gained.pop();
  draft.links.pop();
}

const shift: Move = (draft, rng) => remove(draft, rng) && (rng.uniform() < 0.5 ? attach : insert)(draft, rng);

const sameSize: readonly Move[] = [relabel, relabel, relabel, reorder, swap, rewire, rewire, crossOver, close, open];
const otherSizes: readonly Move[] = [attach, attach, insert, remove, remove, shift];
const sizePreserving: readonly Move[] = [shift, shift];
