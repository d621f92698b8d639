import { type Metric, type Rng, rng } from "@recon/core";
import { testMetric } from "@recon/core/testing";
import type { NdArray } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { decodeGraph, encodeGraph, type LabelledGraph, reordered } from "../graphs/labelled-graph.ts";
import { drawnGraph, smallTable as table } from "../models/fixtures/drawn-graph.ts";
import { auc } from "./auc.ts";
import { averagePrecision } from "./average-precision.ts";
import { edgeF1 } from "./edge-f1.ts";
import { exact } from "./exact.ts";
import { graphSimilarity } from "./graph-similarity.ts";
import { nodeF1 } from "./node-f1.ts";

const shape = [7, 3 + 7] as const;
const item = (stream: Rng): NdArray => encodeGraph(drawnGraph(7, stream), table);

/** The same graph with its nodes in another order. */
function shuffled(of: NdArray, stream: Rng): NdArray {
  return encodeGraph(reordered(decodeGraph(of, table), stream.permutation(7)), table);
}

/** The first so many nodes get the other choice of both groups. */
const relabelled =
  (count: number) =>
  (of: NdArray): NdArray => {
    const { nodes, edges } = decodeGraph(of, table);
    return encodeGraph(
      { nodes: nodes.map((choices, i) => (i < count ? choices.map((c) => 1 - c) : choices)), edges },
      table,
    );
  };

/** The first so many pairs get an edge where there is none, and lose the one that is. */
const rewired =
  (count: number) =>
  (of: NdArray): NdArray => {
    const { nodes, edges } = decodeGraph(of, table);
    const [features, columns] = [3, shape[1]];
    const result = encodeGraph({ nodes, edges }, table);
    let left = count;
    for (let a = 0; a < 7; a++) {
      for (let b = a + 1; b < 7 && left > 0; b++, left--) {
        for (const place of [a * columns + features + b, b * columns + features + a]) {
          result.data[place] = 1 - result.data[place]!;
        }
      }
    }
    return result;
  };

const laws = { shape, item, invariant: { "order of nodes": shuffled } };
testMetric(() => exact(table), { ...laws, runs: 5, worse: [(of) => of, relabelled(1)] });
testMetric(() => nodeF1(table), { ...laws, runs: 5, worse: [(of) => of, relabelled(7)] });
testMetric(() => edgeF1(table), { shape, item, runs: 5, worse: [(of) => of, rewired(21)] });
for (const make of [auc, averagePrecision]) {
  // Of its scores only their order counts.
  const invariant = {
    "increasing functions of the scores": (of: NdArray): NdArray => ({
      ...of,
      data: of.data.map((value) => value / 3 + 0.1),
    }),
  };
  testMetric(make, { shape, item, runs: 5, worse: [(of) => of, rewired(3), rewired(21)], invariant });
}
for (const depth of [0, 1, 2] as const) {
  testMetric(() => graphSimilarity(table, depth), { ...laws, runs: 5, worse: [(of) => of, relabelled(7)] });
}

const graphOf = (labels: string, edges: LabelledGraph["edges"]): NdArray =>
  encodeGraph({ nodes: [...labels].map((label) => [label === "a" ? 0 : 1, 0]), edges }, table);

describe("by hand", () => {
  const truth = graphOf("aab", [
    [0, 1],
    [1, 2],
  ]);
  const score = (metric: Metric, estimate: NdArray): number => metric.score(estimate, truth);

  test("node F1 counts a repeated node once for each time it is there", () => {
    expect(score(nodeF1(table), graphOf("aaaa", []))).toBeCloseTo((2 * 2) / (4 + 3), 12);
    expect(score(nodeF1(table), graphOf("bb", []))).toBeCloseTo((2 * 1) / (2 + 3), 12);
  });
  test("edge F1 counts edges between matched nodes", () => {
    // b hangs at one of the a's: one of the two true edges, found by one of one.
    expect(score(edgeF1(table), graphOf("aab", [[1, 2]]))).toBeCloseTo((2 * 1) / (1 + 2), 12);
    expect(
      score(
        edgeF1(table),
        graphOf("baa", [
          [0, 2],
          [1, 2],
        ]),
      ),
    ).toBe(1);
    expect(score(edgeF1(table), graphOf("aab", []))).toBe(0);
  });
  test("GSM-0 is the F1 of columns, weighted by their ones, times the ratio of sizes", () => {
    // Column a: 2 of 3 said, 2 of 2 found, F1 .8, weight 2. Column b: nothing found, weight 1.
    expect(
      score(
        graphSimilarity(table, 0),
        graphOf("aaa", [
          [0, 1],
          [1, 2],
        ]),
      ),
    ).toBeCloseTo((2 * 0.8) / 3, 12);
    // Two of three nodes, both right.
    expect(score(graphSimilarity(table, 0), graphOf("ab", [[0, 1]]))).toBeCloseTo(2 / 3, 12);
  });
  test("GSM-1 sees what GSM-0 does not: who is bonded to whom", () => {
    const moved = graphOf("aab", [
      [0, 2],
      [1, 2],
    ]);
    expect(score(graphSimilarity(table, 0), moved)).toBe(1);
    expect(score(graphSimilarity(table, 1), moved)).toBeLessThan(0.9);
  });
  test("where all nodes are alike, GSM-k is 1 or 0", () => {
    const ring = graphOf("aaa", [
      [0, 1],
      [1, 2],
      [0, 2],
    ]);
    expect(
      graphSimilarity(table, 2).score(
        graphOf("aaa", [
          [0, 1],
          [0, 2],
          [1, 2],
        ]),
        ring,
      ),
    ).toBe(1);
    expect(graphSimilarity(table, 2).score(graphOf("aaa", [[0, 1]]), ring)).toBe(0);
  });
  test("two rings of three are not one of six, though every node looks alike", () => {
    const six = graphOf("aaaaaa", [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 5],
      [0, 5],
    ]);
    const twice = graphOf("aaaaaa", [
      [0, 1],
      [1, 2],
      [0, 2],
      [3, 4],
      [4, 5],
      [3, 5],
    ]);
    expect(exact(table).score(twice, six)).toBe(0);
    expect(graphSimilarity(table, 2).score(twice, six)).toBe(1);
    expect(edgeF1(table).score(twice, six)).toBeLessThan(1);
  });
  test("AUC counts ties half, AP groups them", () => {
    const scored = { ...truth, data: Float64Array.from(truth.data) };
    const set = (a: number, b: number, value: number): void => {
      scored.data[a * 6 + 3 + b] = value;
      scored.data[b * 6 + 3 + a] = value;
    };
    set(0, 1, 0.9);
    set(1, 2, 0.2);
    set(0, 2, 0.2);
    expect(score(auc(), scored)).toBeCloseTo((1 + 0.5) / 2, 12);
    expect(score(averagePrecision(), scored)).toBeCloseTo(0.5 * 1 + 0.5 * (2 / 3), 12);
    const flat = graphOf("aab", []);
    expect(score(auc(), flat)).toBe(0.5);
    expect(score(averagePrecision(), flat)).toBeCloseTo(2 / 3, 12);
  });
  test("an estimate of another size, or of no nodes at all, has a score", () => {
    const none = { shape: [2, 5], data: new Float64Array(10).fill(-1) };
    for (const metric of [
      exact(table),
      nodeF1(table),
      edgeF1(table),
      graphSimilarity(table, 0),
      graphSimilarity(table, 2),
    ]) {
      expect(score(metric, none)).toBe(0);
    }
    expect(score(auc(), none)).toBe(0.5);
  });
});

test("edge F1 hardly depends on the order of nodes", () => {
  const stream = rng("orders");
  const differences = Array.from({ length: 40 }, (_, i) => {
    const [one, other] = [item(stream.split(`one ${i}`)), item(stream.split(`other ${i}`))];
    const moved = shuffled(one, stream.split(`order ${i}`));
    return Math.abs(edgeF1(table).score(one, other) - edgeF1(table).score(moved, other));
  });
  expect(differences.reduce((total, value) => total + value, 0) / 40).toBeLessThan(0.02);
});
