import { describe, expect, test } from "vitest";
import { grad } from "../grad.ts";
import { type Graph, graph, nodesOf } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { add, dot, mul } from "../ops/arithmetic.ts";
import { input } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { scan } from "../ops/recurrent.ts";
import { sum } from "../ops/shape.ts";
import { slice } from "../ops/slice.ts";
import { sigmoid, tanh } from "../ops/unary.ts";
import { type Arrays, sizeOf, type Tensor } from "../tensor.ts";
import { optimise } from "./optimise.ts";
import { stackRows } from "./stack-rows.ts";

const count = (g: Graph, op: string): number => nodesOf(g).filter((node) => node.op.name === op).length;

const values = (g: Graph): Arrays =>
  Object.fromEntries(
    Object.entries(g.inputs).map(([name, { shape }], k) => [
      name,
      { shape, data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1.7 * i * i + k + 0.3)) },
    ]),
  );

function expectEqual(before: Graph, after: Graph): void {
  const expected = interpret(before, values(before));
  const actual = interpret(after, values(before));
  for (const [name, { data }] of Object.entries(expected)) {
    data.forEach((value, i) => {
      expect(actual[name]!.data[i]).toBeCloseTo(value, 11);
    });
  }
}

const steps = 24;
const xs = input("xs", [steps, 5]);
const weight = input("weight", [5, 5]);
const rows = Array.from({ length: steps }, (_, t) => slice(xs, [t, 0], [1, 5]));
const total = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => add(a, b));

describe("stackRows", () => {
  test("what every step does to its own row is done together", () => {
    const y = total(rows.map((row) => sum(sigmoid(matmul(tanh(row), weight)))));
    const before = graph({ xs, weight }, { y });
    const after = stackRows(before);
    expect([count(before, "tanh"), count(before, "matmul"), count(before, "sigmoid")]).toEqual([steps, steps, steps]);
    // The ends of the sum look different from its middle, so a few rows may stay apart.
    for (const op of ["tanh", "matmul", "sigmoid"]) expect(count(after, op), op).toBeLessThanOrEqual(steps / 4);
    expect(count(after, "concat")).toBeLessThanOrEqual(2);
    expectEqual(before, after);
  });

  test("rows that come from many tensors are put one below the other, whatever their number", () => {
    const parts = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`p${i}`, input(`p${i}`, [1 + (i % 3)])]));
    const s = input("s", []);
    const y = total(Object.values(parts).map((part) => sum(tanh(mul(s, part)))));
    const before = graph({ ...parts, s }, { y });
    const after = stackRows(before);
    expect(count(after, "tanh")).toBeLessThanOrEqual(3);
    expectEqual(before, after);
  });

  test("a recurrence stays as it is, what hangs on it does not", () => {
    const states = scan((h: Tensor, x: Tensor) => tanh(add(matmul(h, weight), x)), rows, input("initial", [1, 5]));
    const initial = states[0]!.inputs[0]!.inputs[0]!.inputs[0]!;
    const y = total(states.map((state, t) => dot(sigmoid(state), rows[t]!)));
    const before = graph({ xs, weight, initial }, { y });
    const after = stackRows(before);
    expect(count(after, "tanh")).toBe(steps);
    expect(count(after, "matmul")).toBe(steps);
    expect(count(after, "sigmoid")).toBeLessThan(steps / 2);
    expectEqual(before, after);
  });

  test("the second derivative of a loop keeps few nodes a step beside its recurrences", () => {
    const initial = input("initial", [1, 5]);
    const states = scan((h: Tensor, x: Tensor) => tanh(add(matmul(h, weight), x)), rows, initial);
    const gradient = grad(dot(states.at(-1)!, states.at(-1)!), [weight])[0]!;
    const before = graph({ xs, weight, initial }, { d: grad(dot(gradient, gradient), [xs])[0]! });
    const after = optimise(before);
    const perStep = (g: Graph): number => nodesOf(g).filter(({ op }) => op.name !== "slice").length / steps;
    // Four recurrences of a product, an activation or its derivative and a sum each.
    expect(perStep(after)).toBeLessThan(14);
    expect(perStep(before)).toBeGreaterThan(22);
    expectEqual(before, after);
  });

  test("nodes that do the same to the same row become one row for all", () => {
    const x = input("x", [1, 5]);
    const copies = Array.from({ length: 12 }, () => tanh(mul(x, x)));
    const before = graph({ x }, { y: total(copies.map((copy) => sum(copy))) });
    const after = stackRows(before);
    expect(count(after, "tanh")).toBe(1);
    expectEqual(before, after);
  });

  test("large tensors and few ones are left alone", () => {
    const large = Array.from({ length: 8 }, (_, i) => input(`l${i}`, [100, 50]));
    const few = Array.from({ length: 3 }, (_, i) => input(`f${i}`, [1, 5]));
    const y = total([...large, ...few].map((part) => sum(tanh(part))));
    const g = graph(Object.fromEntries([...large, ...few].map((part, i) => [`${i}`, part])), { y });
    expect(stackRows(g)).toBe(g);
  });
});
