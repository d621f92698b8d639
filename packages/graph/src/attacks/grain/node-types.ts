import type { KnownNodes } from "./star-program.ts";

/** A node of a kind with neighbours of kinds, by their places in the list before. */
export interface NodeType {
  readonly centre: number;
  readonly around: readonly number[];
}

/** Nodes told apart by their surroundings up to some distance, and what the model makes of each. */
export interface NodeTypes extends KnownNodes {
  /** Absent for nodes told apart by their features alone. */
  readonly types?: readonly NodeType[];
  /** What the entries of `types` refer to. */
  readonly before?: NodeTypes;
}

/** Choices of `count` from ascending lists with repetition, in order. */
export function* multisets(options: readonly number[], count: number, from = 0): Generator<readonly number[], void> {
  if (count === 0) {
    yield [];
    return;
  }
  for (let i = from; i < options.length; i++) {
    for (const rest of multisets(options, count - 1, i)) yield [options[i]!, ...rest];
  }
}

/**
 * All ways to tell nodes apart one step further: each type with every choice of the types of its neighbours. A neighbour must be of the kind that the type
 * says, and have a neighbour of the kind that is in the middle.
 */
export function* widerTypes(
  nodes: NodeTypes,
  mayNeighbour: (centre: number, around: readonly number[]) => boolean,
): Generator<NodeType, void> {
  const { types, degrees } = nodes;
  if (types === undefined) {
    const linked = degrees.flatMap((degree, i) => (degree > 0 ? [i] : []));
    for (const [centre, degree] of degrees.entries()) {
      for (const around of multisets(linked, degree)) if (mayNeighbour(centre, around)) yield { centre, around };
    }
    return;
  }
  const byCentre = new Map<number, number[]>();
  types.forEach(({ centre }, i) => {
    byCentre.set(centre, [...(byCentre.get(centre) ?? []), i]);
  });
  for (const [centre, { centre: own, around }] of types.entries()) {
    const counts = new Map<number, number>();
    for (const kind of around) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const wanted = [...counts].map(([kind, count]) => ({
      options: (byCentre.get(kind) ?? []).filter((i) => types[i]!.around.includes(own)),
      count,
    }));
    for (const choice of products(wanted)) yield { centre, around: choice };
  }
}

function* products(
  wanted: readonly { readonly options: readonly number[]; readonly count: number }[],
): Generator<readonly number[], void> {
  const [first, ...rest] = wanted;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const chosen of multisets(first.options, first.count)) {
    for (const others of products(rest)) yield [...chosen, ...others].sort((a, b) => a - b);
  }
}

/** Which types can occur together: every neighbour is the middle of a type that has the middle as a neighbour. */
export function supported(types: readonly NodeType[]): NodeType[] {
  let left = [...types];
  for (;;) {
    const pairs = new Set<string>();
    for (const { centre, around } of left) for (const kind of around) pairs.add(`${centre} ${kind}`);
    const kept = left.filter(({ centre, around }) => around.every((kind) => pairs.has(`${kind} ${centre}`)));
    if (kept.length === left.length) return kept;
    left = kept;
  }
}
