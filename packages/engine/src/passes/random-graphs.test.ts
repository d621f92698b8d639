import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomGraph, randomGraphValues } from "../fixtures/random-graph.ts";
import { unrolledGraph, unrolledGraphValues } from "../fixtures/unrolled-graph.ts";
import { type Graph, nodesOf } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { structuralHash } from "../structural-key.ts";
import type { Arrays } from "../tensor.ts";
import { eliminateCommonSubexpressions } from "./cse.ts";
import { eliminateDead } from "./eliminate-dead.ts";
import { factorGram } from "./factor-gram.ts";
import { foldConstants } from "./fold.ts";
import { fuseInnerProducts } from "./fuse-inner-products.ts";
import { mergeSums } from "./merge-sums.ts";
import { optimise } from "./optimise.ts";
import { scaleLast } from "./scale-last.ts";
import { simplify } from "./simplify.ts";
import { stackRows } from "./stack-rows.ts";

const seed = Number(process.env.RECON_TEST_SEED);
const numRuns = Number(process.env.RECON_GRAPH_CASES ?? 300);

const passes: Record<string, (g: Graph) => Graph> = {
  eliminateCommonSubexpressions,
  foldConstants,
  simplify,
  eliminateDead,
  factorGram,
  fuseInnerProducts,
  mergeSums,
  scaleLast,
  stackRows,
  optimise,
};

/** Nodes that compute something: inputs and constants are just there, and windows of one tensor are cut by one node. */
function operations(g: Graph): number {
  const computing = nodesOf(g).filter((node) => node.inputs.length > 0);
  const slices = computing.filter((node) => node.op.name === "slice");
  return computing.length - slices.length + new Set(slices.map((node) => node.inputs[0])).size;
}

/** Largest magnitude of anything that the graph computes: what rounding is relative to where results cancel. */
function scaleOf(g: Graph, values: Arrays): number {
  const all = { inputs: g.inputs, outputs: Object.fromEntries(nodesOf(g).map((node, i) => [`${i}`, node])) };
  let scale = 1;
  for (const { data } of Object.values(interpret(all, values)))
    for (const v of data) scale = Math.max(scale, Math.abs(v));
  return scale;
}

function expectPreserved(g: Graph, after: Graph, values: Arrays, scale: number): void {
  const expected = interpret(g, values);
  const actual = interpret(after, values);
  for (const [name, { shape, data }] of Object.entries(expected)) {
    expect(actual[name]!.shape).toEqual(shape);
    data.forEach((value, i) => {
      expect(Math.abs(actual[name]!.data[i]! - value)).toBeLessThanOrEqual(1e-11 * scale);
    });
  }
}

describe(`on unrolled loops (seed ${seed})`, () => {
  test.each(Object.entries(passes))("%s preserves results and never makes a graph larger", (_name, pass) => {
    fc.assert(
      fc.property(unrolledGraph, (g) => {
        const values = unrolledGraphValues(g);
        const scale = scaleOf(g, values);
        fc.pre(scale < 1e12);
        const after = pass(g);
        expect(operations(after)).toBeLessThanOrEqual(operations(g));
        expectPreserved(g, after, values, scale);
      }),
      { seed, numRuns: Math.ceil(numRuns / 10) },
    );
  });
});

describe(`on random graphs (seed ${seed})`, () => {
  test.each(Object.entries(passes))("%s preserves results and never makes a graph larger", (_name, pass) => {
    fc.assert(
      fc.property(randomGraph, (g) => {
        const scale = scaleOf(g, randomGraphValues);
        fc.pre(scale < 1e12);
        const after = pass(g);
        expect(operations(after)).toBeLessThanOrEqual(operations(g));
        expectPreserved(g, after, randomGraphValues, scale);
      }),
      { seed, numRuns },
    );
  });

  test("optimising twice changes nothing more", () => {
    fc.assert(
      fc.property(randomGraph, (g) => {
        const once = optimise(g);
        expect(nodesOf(optimise(once)).length).toBe(nodesOf(once).length);
      }),
      { seed, numRuns },
    );
  });

  test("the structural hash tells graphs apart exactly where they differ", () => {
    fc.assert(
      fc.property(randomGraph, randomGraph, (a, b) => {
        expect(structuralHash(a)).toBe(structuralHash(eliminateCommonSubexpressions(a)));
        if (structuralHash(a) !== structuralHash(b)) return;
        const [x, y] = [interpret(a, randomGraphValues), interpret(b, randomGraphValues)];
        expect(x).toEqual(y);
      }),
      { seed, numRuns },
    );
  });
});
