import { type Rng, rng } from "@recon/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawnGraph, smallTable as table } from "../models/fixtures/drawn-graph.ts";
import { choicesOf, columnsOf, featureRow, featureTable } from "./feature-table.ts";
import { graphKey } from "./graph-key.ts";
import { graphSet } from "./graph-set.ts";
import { isomorphism } from "./isomorphism.ts";
import {
  decodeGraph,
  encodeGraph,
  featureColumns,
  type LabelledGraph,
  neighboursOf,
  nodeCount,
  reordered,
} from "./labelled-graph.ts";
import { randomEdges, rewiredEdges } from "./random-graph.ts";

const seeded = fc.integer({ min: 1, max: 2 ** 31 }).map((seed) => rng(seed));
const sizes = fc.integer({ min: 1, max: 9 });

/** Every numbering of so many nodes. */
function numberings(size: number): number[][] {
  if (size === 0) return [[]];
  return numberings(size - 1).flatMap((order) =>
    Array.from({ length: size }, (_, at) => [...order.slice(0, at), size - 1, ...order.slice(at)]),
  );
}

/** Whether two graphs are the same, edge by edge, in any order of the edges. */
function equal(a: LabelledGraph, b: LabelledGraph): boolean {
  const text = ({ nodes, edges }: LabelledGraph): string => JSON.stringify([nodes, edges.map(String).sort()]);
  return text(a) === text(b);
}

describe("encoding", () => {
  test("comes back from the array, in float32, with the adjacency symmetric and its diagonal empty", () => {
    fc.assert(
      fc.property(seeded, sizes, (stream, size) => {
        const drawn = drawnGraph(size, stream);
        const array = encodeGraph(drawn, table);
        expect(array.shape).toEqual([size, 3 + size]);
        expect(array.data).toBeInstanceOf(Float32Array);
        expect(featureColumns(array)).toBe(3);
        expect(equal(decodeGraph(array, table), drawn)).toBe(true);
        const total = Array.from(array.data).reduce((sum, value, i) => sum + (i % (3 + size) >= 3 ? value : 0), 0);
        expect(total).toBe(2 * drawn.edges.length);
      }),
    );
  });
  test("soft entries go to the nearest graph, and rows of padding are no nodes", () => {
    // Two nodes of a batch whose largest graph has three: [3, 3 + 3].
    const data = Float64Array.of(0.6, 0.4, 0.7, 0.9, 0.7, -1, 0.1, 0.2, 0.3, 0.4, 0, -1, -1, -1, -1, -1, -1, -1);
    const array = { shape: [3, 6], data };
    expect(nodeCount(array)).toBe(2);
    // The edge's two entries are .7 and .4.
    expect(decodeGraph(array, table)).toEqual({
      nodes: [
        [0, 1],
        [1, 0],
      ],
      edges: [[0, 1]],
    });
  });
  test("arrays that are no graphs, or of other features, are named", () => {
    expect(() => featureColumns({ shape: [4, 4], data: new Float64Array(16) })).toThrow(/\[4, 4\]/);
    expect(() => decodeGraph({ shape: [2, 6], data: new Float64Array(12) }, table)).toThrow(
      /4 feature columns, and the table says 3/,
    );
  });
  test("choices of a row", () => {
    expect(columnsOf(table)).toBe(3);
    expect(Array.from(featureRow(table, [1, 1]))).toEqual([0, 1, 1]);
    expect(choicesOf(table, [0.2, 0.1, 0.5])).toEqual([0, 0]);
  });
  test.each([
    [[]],
    [[{ name: "a" }]],
    [[{ name: "a", values: ["x", "y", "z"], flag: true }]],
    [[{ name: 1, values: ["x"] }]],
  ])("%j is no table", (value) => {
    expect(featureTable.is(value)).toBe(false);
  });
});

describe("isomorphism", () => {
  test("finds the numbering of a graph whose nodes were reordered", () => {
    fc.assert(
      fc.property(seeded, sizes, (stream, size) => {
        const drawn = drawnGraph(size, stream);
        const moved = reordered(drawn, stream.permutation(size));
        const map = isomorphism(drawn, moved);
        expect(map).toBeDefined();
        const back = reordered(moved, map!);
        expect(equal(back, drawn)).toBe(true);
        expect(graphKey(moved)).toBe(graphKey(drawn));
      }),
    );
  });
  test("agrees with trying every numbering", () => {
    const plain = (size: number, stream: Rng): LabelledGraph => ({
      nodes: Array.from({ length: size }, () => [0, 0]),
      edges: randomEdges(size, 0.5, stream),
    });
    let found = 0;
    fc.assert(
      fc.property(seeded, (stream) => {
        const [one, other] = [plain(5, stream.split("one")), plain(5, stream.split("other"))];
        const slow = numberings(5).some((order) => equal(reordered(other, order), one));
        found += Number(slow);
        expect(isomorphism(one, other) !== undefined).toBe(slow);
      }),
      { numRuns: 300 },
    );
    expect(found).toBeGreaterThan(5);
  });
  test("tells regular graphs apart that refinement cannot: the prism and K₃,₃", () => {
    const nodes = Array.from({ length: 6 }, () => [0, 0]);
    const prism = [
      [0, 1],
      [1, 2],
      [0, 2],
      [3, 4],
      [4, 5],
      [3, 5],
      [0, 3],
      [1, 4],
      [2, 5],
    ] as const;
    const bipartite = [0, 1, 2].flatMap((a) => [3, 4, 5].map((b) => [a, b] as const));
    expect(graphKey({ nodes, edges: prism })).toBe(graphKey({ nodes, edges: bipartite }));
    expect(isomorphism({ nodes, edges: prism }, { nodes, edges: bipartite })).toBeUndefined();
    const set = graphSet();
    expect(set.add({ nodes, edges: prism }, "prism")).toBeUndefined();
    expect(set.has({ nodes, edges: bipartite })).toBe(false);
    expect(set.add(reordered({ nodes, edges: prism }, [3, 0, 5, 1, 4, 2]), "again")).toBe("prism");
  });
  test("of symmetric graphs takes a step for each node and not for each symmetry", () => {
    // Sixty nodes in thirty pairs have 30! · 2³⁰ symmetries; a ring of sixty has 120.
    const nodes = Array.from({ length: 60 }, () => [0, 0]);
    const pairs = Array.from({ length: 30 }, (_, i) => [2 * i, 2 * i + 1] as const);
    const ring = Array.from({ length: 60 }, (_, i) => [Math.min(i, (i + 1) % 60), Math.max(i, (i + 1) % 60)] as const);
    for (const edges of [pairs, ring, []]) {
      const moved = reordered({ nodes, edges }, rng("order").permutation(60));
      expect(isomorphism({ nodes, edges }, moved)).toBeDefined();
    }
  });
});

describe("random graphs", () => {
  test("have the density asked for, and rewiring keeps every degree", () => {
    const edges = randomEdges(60, 0.1, rng("random"));
    // Five standard deviations around a tenth of 1770 pairs.
    expect(Math.abs(edges.length - 177)).toBeLessThan(5 * Math.sqrt(177 * 0.9));
    const nodes = Array.from({ length: 60 }, () => [0]);
    const other = rewiredEdges(edges, rng("rewired"));
    const degrees = (of: LabelledGraph["edges"]): number[] =>
      neighboursOf({ nodes, edges: of }).map(({ length }) => length);
    expect(degrees(other)).toEqual(degrees(edges));
    expect(new Set(other.map(String)).size).toBe(edges.length);
    expect(other.every(([a, b]) => a < b)).toBe(true);
    const kept = other.filter((edge) => edges.map(String).includes(String(edge))).length;
    expect(kept).toBeLessThan(0.3 * edges.length);
  });
  test("of one edge or none stay as they are", () => {
    expect(rewiredEdges([], rng("x"))).toEqual([]);
    expect(rewiredEdges([[0, 1]], rng("x"))).toEqual([[0, 1]]);
  });
});
