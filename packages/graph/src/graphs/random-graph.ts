import type { Rng } from "@recon/core";
import type { LabelledGraph } from "./labelled-graph.ts";

type Edges = LabelledGraph["edges"];

/** Edges between so many nodes, each pair with the given probability: an Erdős–Rényi graph. */
export function randomEdges(nodes: number, density: number, rng: Rng): Edges {
  const edges: [number, number][] = [];
  for (let a = 0; a < nodes; a++) {
    for (let b = a + 1; b < nodes; b++) if (rng.uniform() < density) edges.push([a, b]);
  }
  return edges;
}

/**
 * Other edges with the same degree at every node: two edges exchange their ends, ten times as often as there are edges, unless that makes a loop or an edge
 * twice.
 *
 * @see R. Milo et al., "On the uniform generation of random graphs with prescribed degree sequences", 2003, the switching method.
 */
export function rewiredEdges(edges: Edges, rng: Rng): Edges {
  const current = edges.map(([a, b]): [number, number] => [a, b]);
  const key = (a: number, b: number): string => (a < b ? `${a} ${b}` : `${b} ${a}`);
  const present = new Set(current.map(([a, b]) => key(a, b)));
  for (let i = 0; current.length > 1 && i < 10 * current.length; i++) {
    const [first, second] = [current[rng.integer(current.length)]!, current[rng.integer(current.length)]!];
    const [a, b] = first;
    const [c, d] = rng.uniform() < 0.5 ? second : [second[1], second[0]];
    if (new Set([a, b, c, d]).size < 4 || present.has(key(a, d)) || present.has(key(c, b))) continue;
    for (const [x, y] of [first, second]) present.delete(key(x, y));
    first.splice(0, 2, Math.min(a, d), Math.max(a, d));
    second.splice(0, 2, Math.min(c, b), Math.max(c, b));
    for (const [x, y] of [first, second]) present.add(key(x, y));
  }
  return current;
}
