import type { NodeType } from "./node-types.ts";

/** Nodes by type and edges between them. */
export interface Realised {
  readonly nodes: readonly number[];
  readonly edges: readonly (readonly [number, number])[];
}

/** So many nodes of one of these types. */
export interface NodeCount {
  readonly options: readonly number[];
  readonly count: number;
}

/** Joins between two turns of others. */
const pause = 256;

/**
 * All simple graphs with so many nodes of every type, in which each node has the neighbours that its type says; many of them several times, under
 * different numberings.
 *
 * The node that was reached first and still lacks a neighbour is joined to each that can be one; of those that nothing was joined to yet and that have the same
 * type one is tried for all.
 *
 * Now and then it yields undefined, for others to have a turn.
 *
 * @param steps how many joins may be tried; `steps.left` says what is left, and 0 that not everything was listed.
 */
export function* realise(
  types: readonly NodeType[],
  counts: readonly NodeCount[],
  steps: { left: number },
): Generator<Realised | undefined, void> {
  for (const nodes of assignments(counts)) {
    if (balanced(types, nodes)) yield* join(types, nodes, steps);
    else if (--steps.left <= 0) return;
  }
}

/** A type for every node. */
function* assignments(counts: readonly NodeCount[], at = 0): Generator<readonly number[], void> {
  const own = counts[at];
  if (own === undefined) {
    yield [];
    return;
  }
  for (const rest of assignments(counts, at + 1)) {
    for (const first of chosen(own.options, own.count)) yield [...first, ...rest];
  }
}

function* chosen(options: readonly number[], count: number, from = 0): Generator<readonly number[], void> {
  if (count === 0) {
    yield [];
    return;
  }
  for (let i = from; i < options.length; i++) {
    for (const rest of chosen(options, count - 1, i)) yield [options[i]!, ...rest];
  }
}

/** Whether the nodes of a kind ask for as many of another as those ask for them, and of their own kind for an even number. */
function balanced(types: readonly NodeType[], nodes: readonly number[]): boolean {
  const asked = new Map<string, number>();
  for (const node of nodes) {
    const { centre, around } = types[node]!;
    for (const kind of around) asked.set(`${centre} ${kind}`, (asked.get(`${centre} ${kind}`) ?? 0) + 1);
  }
  return [...asked].every(([pair, count]) => {
    const [a, b] = pair.split(" ");
    return a === b ? count % 2 === 0 : asked.get(`${b} ${a}`) === count;
  });
}

function* join(
  types: readonly NodeType[],
  nodes: readonly number[],
  steps: { left: number },
): Generator<Realised | undefined, void> {
  const size = nodes.length;
  const kind = nodes.map((type) => types[type]!.centre);
  const lacking = nodes.map((type) => [...types[type]!.around]);
  const edges: [number, number][] = [];
  const linked = new Set<number>();
  /** Nodes in the order in which they were reached. */
  const reached: number[] = [];
  const touched = new Array<boolean>(size).fill(false);

  function* next(): Generator<Realised | undefined, void> {
    if (--steps.left <= 0) return;
    if (steps.left % pause === 0) yield undefined;
    let node = reached.find((i) => lacking[i]!.length > 0);
    const fresh = node === undefined;
    if (node === undefined) {
      node = touched.findIndex((done, i) => !done && lacking[i]!.length > 0);
      if (node < 0) {
        yield { nodes, edges: edges.map((edge) => [...edge] as const) };
        return;
      }
      touched[node] = true;
      reached.push(node);
    }
    const wanted = lacking[node]![0]!;
    const tried = new Set<number>();
    for (let other = 0; other < size; other++) {
      if (other === node || kind[other] !== wanted || linked.has(node * size + other)) continue;
      const back = lacking[other]!.indexOf(kind[node]!);
      if (back < 0) continue;
      if (!touched[other]) {
        if (tried.has(nodes[other]!)) continue;
        tried.add(nodes[other]!);
      }
      const first = !touched[other];
      lacking[node]!.shift();
      lacking[other]!.splice(back, 1);
      edges.push(node < other ? [node, other] : [other, node]);
      linked.add(node * size + other).add(other * size + node);
      if (first) {
        touched[other] = true;
        reached.push(other);
      }
      yield* next();
      if (first) {
        touched[other] = false;
        reached.pop();
      }
      linked.delete(node * size + other);
      linked.delete(other * size + node);
      edges.pop();
      lacking[other]!.splice(back, 0, kind[node]!);
      lacking[node]!.unshift(wanted);
      if (steps.left <= 0) break;
    }
    if (fresh) {
      touched[node] = false;
      reached.pop();
    }
  }
  yield* next();
}
