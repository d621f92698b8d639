import { expect, test } from "vitest";
import { rng } from "../random.ts";
import { type CapacityNetwork, minimumVertexCut } from "./minimum-cut.ts";

/** Whether a path leads from a source to a sink around the removed nodes. */
function connected(
  network: CapacityNetwork,
  sources: readonly number[],
  sinks: readonly number[],
  removed: Set<number>,
) {
  const pending = sources.filter((node) => !removed.has(node));
  const seen = new Set(pending);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (sinks.includes(node)) return true;
    for (const next of network.successors[node]!) {
      if (removed.has(next) || seen.has(next)) continue;
      seen.add(next);
      pending.push(next);
    }
  }
  return false;
}

/** The least cut by trying every set of nodes. */
function exhaustive(network: CapacityNetwork, sources: readonly number[], sinks: readonly number[]): number {
  const n = network.capacities.length;
  let least = Number.POSITIVE_INFINITY;
  for (let set = 0; set < 2 ** n; set++) {
    const removed = new Set(Array.from({ length: n }, (_, i) => i).filter((i) => (set >> i) & 1));
    const capacity = [...removed].reduce((sum, i) => sum + network.capacities[i]!, 0);
    if (capacity < least && !connected(network, sources, sinks, removed)) least = capacity;
  }
  return least;
}

test("equals the least of all cuts on drawn graphs, and names one", () => {
  const stream = rng("cuts");
  for (let trial = 0; trial < 60; trial++) {
    const n = 4 + stream.integer(7);
    const capacities = Array.from({ length: n }, () => 1 + stream.integer(9));
    const successors = Array.from({ length: n }, (_, i) =>
      Array.from({ length: n - i - 1 }, (_, k) => i + 1 + k).filter(() => stream.uniform() < 0.4),
    );
    const network = { capacities, successors };
    const sources = stream.uniform() < 0.5 ? [0] : [0, 1];
    const sinks = [n - 1, n - 2];
    const { capacity, nodes } = minimumVertexCut(network, sources, sinks);
    expect(capacity).toBe(exhaustive(network, sources, sinks));
    expect(nodes.reduce((sum, node) => sum + capacities[node]!, 0)).toBe(capacity);
    expect(connected(network, sources, sinks, new Set(nodes))).toBe(false);
  }
});

test("the cut nearest to the sources among equals, and none where nothing is connected", () => {
  const chain = { capacities: [5, 2, 2, 5], successors: [[1], [2], [3], []] };
  expect(minimumVertexCut(chain, [0], [3])).toEqual({ capacity: 2, nodes: [1] });
  expect(minimumVertexCut({ ...chain, successors: [[1], [], [3], []] }, [0], [3])).toEqual({ capacity: 0, nodes: [] });
  expect(minimumVertexCut(chain, [0], [0])).toEqual({ capacity: 5, nodes: [0] });
});
