/** Nodes with capacities and directed edges between them, by index. */
export interface CapacityNetwork {
  /** Capacity of every node: a whole number, or infinity for a node that must not be cut. */
  readonly capacities: readonly number[];
  /** Successors of every node. */
  readonly successors: readonly (readonly number[])[];
}

export interface VertexCut {
  /** Sum of the capacities of the nodes in the cut. */
  readonly capacity: number;
  /** The nodes, in ascending order; of several least cuts, the one nearest to the sources. */
  readonly nodes: readonly number[];
}

interface Arcs {
  /** Arcs that leave each vertex; arc e and its reverse e ^ 1 are stored in pairs. */
  readonly from: number[][];
  readonly to: number[];
  readonly room: number[];
}

/**
 * The least total capacity of nodes that every path from a source to a sink passes; sources and sinks may be among them.
 *
 * By the maximum flow with every node split in two, an arc of the node's capacity between its halves.
 *
 * @see E. A. Dinic, "Algorithm for solution of a problem of maximum flow in networks with power estimation", Soviet Math. Doklady 11 (1970).
 */
export function minimumVertexCut(
  { capacities, successors }: CapacityNetwork,
  sources: readonly number[],
  sinks: readonly number[],
): VertexCut {
  const n = capacities.length;
  const [source, sink] = [2 * n, 2 * n + 1];
  const arcs: Arcs = { from: Array.from({ length: 2 * n + 2 }, () => []), to: [], room: [] };
  const connect = (a: number, b: number, room: number): void => {
    arcs.from[a]!.push(arcs.to.length);
    arcs.from[b]!.push(arcs.to.length + 1);
    arcs.to.push(b, a);
    arcs.room.push(room, 0);
  };
  const entry = (node: number): number => 2 * node;
  const exit = (node: number): number => 2 * node + 1;
  for (let node = 0; node < n; node++) {
    connect(entry(node), exit(node), capacities[node]!);
    for (const next of successors[node]!) connect(exit(node), entry(next), Number.POSITIVE_INFINITY);
  }
  for (const node of sources) connect(source, entry(node), Number.POSITIVE_INFINITY);
  for (const node of sinks) connect(exit(node), sink, Number.POSITIVE_INFINITY);
  let capacity = 0;
  for (let levels = distances(arcs, source); levels[sink]! >= 0; levels = distances(arcs, source)) {
    capacity += blockingFlow(arcs, levels, source, sink);
  }
  const reached = distances(arcs, source);
  const nodes = capacities.flatMap((_, node) => (reached[entry(node)]! >= 0 && reached[exit(node)]! < 0 ? [node] : []));
  return { capacity, nodes };
}

/** Arcs with room from `start` to every vertex on the shortest way; −1 where there is none. */
function distances({ from, to, room }: Arcs, start: number): Int32Array {
  const levels = new Int32Array(from.length).fill(-1);
  levels[start] = 0;
  const queue = [start];
  for (let head = 0; head < queue.length; head++) {
    const vertex = queue[head]!;
    for (const arc of from[vertex]!) {
      const next = to[arc]!;
      if (room[arc]! > 0 && levels[next]! < 0) {
        levels[next] = levels[vertex]! + 1;
        queue.push(next);
      }
    }
  }
  return levels;
}

/** Pushes flow along shortest ways until none is left; returns how much. */
function blockingFlow({ from, to, room }: Arcs, levels: Int32Array, source: number, sink: number): number {
  const tried = new Int32Array(from.length);
  const path: number[] = [];
  let pushed = 0;
  let vertex = source;
  for (;;) {
    if (vertex === sink) {
      const amount = path.reduce((least, arc) => Math.min(least, room[arc]!), Number.POSITIVE_INFINITY);
      for (const arc of path) {
        room[arc]! -= amount;
        room[arc ^ 1]! += amount;
      }
      pushed += amount;
      // Go on from where the first arc is full now.
      const full = path.findIndex((arc) => room[arc] === 0);
      vertex = to[path[full]! ^ 1]!;
      path.length = full;
      continue;
    }
    const arc = from[vertex]![tried[vertex]!];
    if (arc !== undefined) {
      if (room[arc]! > 0 && levels[to[arc]!] === levels[vertex]! + 1) {
        path.push(arc);
        vertex = to[arc]!;
      } else tried[vertex]!++;
      continue;
    }
    const back = path.pop();
    if (back === undefined) return pushed;
    vertex = to[back ^ 1]!;
    tried[vertex]!++;
  }
}
