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

/** Which neighbours a type may have. */
export interface NeighbourRules {
  /** All of them together, by the features in the middle. */
  readonly together: (centre: number, around: readonly number[]) => boolean;
  /** Each by itself. */
  readonly each: (centre: number, neighbour: number) => boolean;
}

/**
 * All ways to tell nodes of one type apart one step further: by every choice of the types of its neighbours. A neighbour must be of the kind that the type
 * says, and have a neighbour of the kind that is in the middle.
 */
export function* widerTypes(
  { types, degrees }: NodeTypes,
  centre: number,
  { together, each }: NeighbourRules,
): Generator<NodeType, void> {
  const allowed = (options: readonly number[]): number[] => options.filter((i) => degrees[i]! > 0 && each(centre, i));
  if (types === undefined) {
    for (const around of multisets(allowed([...degrees.keys()]), degrees[centre]!)) {
      if (together(centre, around)) yield { centre, around };
    }
    return;
  }
  const { centre: own, around } = types[centre]!;
  const counts = new Map<number, number>();
  for (const kind of around) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const wanted = [...counts].map(([kind, count]) => ({
    options: allowed(types.flatMap((type, i) => (type.centre === kind && type.around.includes(own) ? [i] : []))),
    count,
  }));
  for (const choice of products(wanted)) yield { centre, around: choice };
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
