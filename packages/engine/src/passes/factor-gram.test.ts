import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Graph, graph, nodesOf } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { add, dot, mul, neg, square, sub } from "../ops/arithmetic.ts";
import { input } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { sum } from "../ops/shape.ts";
import { type NdArray, sizeOf, type Tensor } from "../tensor.ts";
import { factorGram } from "./factor-gram.ts";
import { optimise } from "./optimise.ts";
import { workOf } from "./work.ts";

const seed = Number(process.env.RECON_TEST_SEED);

const values = (g: Graph): Record<string, NdArray> =>
  Object.fromEntries(
    Object.entries(g.inputs).map(([name, node], k) => [
      name,
      {
        shape: node.shape,
        data: Float64Array.from({ length: sizeOf(node.shape) }, (_, i) => Math.sin(1.7 * i + k) + 0.1),
      },
    ]),
  );

function expectEqual(before: Graph, after: Graph): void {
  const arrays = values(before);
  const expected = interpret(before, arrays);
  const actual = interpret(after, arrays);
  for (const [name, { data }] of Object.entries(expected)) {
    let difference = 0;
    let size = 0;
    data.forEach((value, i) => {
      difference += (actual[name]!.data[i]! - value) ** 2;
      size += value ** 2;
    });
    expect(Math.sqrt(difference / size), name).toBeLessThan(1e-10);
  }
}

const sizes = (g: Graph): number =>
  Math.max(
    ...nodesOf(g)
      .filter((n) => n.inputs.length > 0)
      .map((n) => sizeOf(n.shape)),
  );

const m = 200;
const n = 190;
const stored = (name: string, rows: number, cols: number, transposed: boolean): Tensor =>
  input(name, transposed ? [cols, rows] : [rows, cols]);

describe("factorGram", () => {
  const flags = fc.record({
    rank: fc.integer({ min: 1, max: 3 }),
    ta: fc.boolean(),
    tb: fc.boolean(),
    tm: fc.boolean(),
    tx: fc.boolean(),
    left: fc.boolean(),
    observedFirst: fc.boolean(),
  });

  test(`never forms a product of few terms, whatever is transposed (seed ${seed})`, () => {
    fc.assert(
      fc.property(flags, ({ rank, ta, tb, tm, tx, left, observedFirst }) => {
        const a = stored("a", m, rank, ta);
        const b = stored("b", rank, n, tb);
        const c = input("c", [m, n]);
        const [s, t] = [input("s", []), input("t", [])];
        const product = matmul(a, b, { transposeA: ta, transposeB: tb });
        const combination = add(mul(s, product), neg(mul(c, t)));
        const x = left ? stored("x", 4, tm ? n : m, tx) : stored("x", tm ? m : n, 4, tx);
        const applied = left
          ? matmul(x, combination, { transposeA: tx, transposeB: tm })
          : matmul(combination, x, { transposeA: tm, transposeB: tx });
        const inner = observedFirst ? dot(c, product) : dot(product, c);
        const g = graph({ a, b, c, s, t, x }, { inner, norm: dot(product, product), applied });
        const after = factorGram(g);
        expect(sizes(after)).toBeLessThan(m * n);
        expect(workOf(after)).toBeLessThan(workOf(g));
        expectEqual(g, after);
      }),
      { seed, numRuns: 20 },
    );
  });

  const a = input("a", [m, 2]);
  const b = input("b", [2, n]);
  const c = input("c", [m, n]);

  test("the square of a difference keeps its value to the last digits", () => {
    const g = graph({ a, b, c }, { distance: sum(square(sub(matmul(a, b), c))) });
    expect(factorGram(g)).toBe(g);
  });

  test("a product that is an output is formed once and its other uses read it", () => {
    const product = matmul(a, b);
    const g = graph({ a, b, c }, { product, inner: dot(product, c) });
    const after = optimise(g);
    expectEqual(g, after);
    expect(workOf(after)).toBeLessThanOrEqual(workOf(g));
  });

  test("small products, and products of many terms, are left alone", () => {
    const [p, q, r] = [input("p", [m, 100]), input("q", [100, n]), input("r", [20, 2])];
    const gram = matmul(r, r, { transposeB: true });
    const g = graph({ p, q, c, r }, { wide: dot(matmul(p, q), c), small: dot(gram, gram) });
    expect(factorGram(g)).toBe(g);
  });
});
