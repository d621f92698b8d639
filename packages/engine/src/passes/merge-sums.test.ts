import { expect, test } from "vitest";
import { type Graph, graph, nodesOf } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { add, dot } from "../ops/arithmetic.ts";
import { input } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { pad } from "../ops/slice.ts";
import { type Arrays, sizeOf, type Tensor } from "../tensor.ts";
import { mergeSums } from "./merge-sums.ts";

const total = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => add(a, b));

const inputs = (prefix: string, count: number, shape: readonly number[]): Tensor[] =>
  Array.from({ length: count }, (_, i) => input(`${prefix}${i}`, shape));

const over = (parts: readonly Tensor[], y: Tensor): Graph =>
  graph(Object.fromEntries(parts.map((part) => [part.attributes.name as string, part])), { y });

const counts = (g: Graph): Record<string, number> => {
  const result: Record<string, number> = {};
  for (const { op } of nodesOf(g)) result[op.name] = (result[op.name] ?? 0) + 1;
  return result;
};

/** The merged graph, after a check that it computes the same. */
function merged(g: Graph): Graph {
  const after = mergeSums(g);
  const values: Arrays = Object.fromEntries(
    Object.entries(g.inputs).map(([name, { shape }], k) => [
      name,
      { shape, data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + 3 * k + 1)) },
    ]),
  );
  const [expected, actual] = [interpret(g, values).y!, interpret(after, values).y!];
  expect(actual.shape).toEqual(expected.shape);
  expected.data.forEach((value, i) => {
    expect(actual.data[i]).toBeCloseTo(value, 12);
  });
  return after;
}

test("windows side by side are one concatenation, in whatever order they are added", () => {
  const parts = inputs("p", 4, [1, 3]);
  const windows = [2, 0, 3, 1].map((row) => pad(parts[row]!, [row, 0], [3 - row, 0]));
  const after = merged(over(parts, total(windows)));
  expect(counts(after)).toEqual({ input: 4, concat: 1 });
  expect(after.outputs.y!.inputs).toEqual(parts);
});

test("windows that overlap are as many concatenations as lie over one another", () => {
  const parts = inputs("p", 6, [2]);
  const windows = parts.map((part, i) => pad(part, [i % 3], [4 - (i % 3)]));
  const after = merged(over(parts, total(windows)));
  expect(counts(after)).toMatchObject({ concat: 2 });
  expect(nodesOf(after).length).toBeLessThan(nodesOf(over(parts, total(windows))).length);
});

test("gaps between windows and at their ends are zeros", () => {
  const parts = inputs("p", 3, [2]);
  const windows = parts.map((part, i) => pad(part, [1 + 3 * i], [9 - 3 * i]));
  merged(over(parts, total(windows)));
});

test("products of few terms are one of many", () => {
  const [as, bs] = [inputs("a", 5, [1, 6]), inputs("b", 5, [1, 7])];
  const after = merged(over([...as, ...bs], total(as.map((a, i) => matmul(a, bs[i]!, { transposeA: true })))));
  expect(counts(after)).toEqual({ input: 10, concat: 2, matmul: 1 });
});

test("products of large operands are not copied together", () => {
  const [as, bs] = [inputs("a", 4, [2, 9]), inputs("b", 4, [9, 3])];
  const g = over([...as, ...bs], total(as.map((a, i) => matmul(a, bs[i]!))));
  expect(counts(mergeSums(g))).toEqual(counts(g));
});

test("short inner products are one long one", () => {
  const [as, bs] = [inputs("a", 5, [4]), inputs("b", 5, [4])];
  const products = as.map((a, i) => dot(a, bs[i]!));
  const squares = as.map((a) => dot(a, a));
  const after = merged(over([...as, ...bs], total([...products, ...squares])));
  expect(counts(after)).toMatchObject({ concat: 3, mul: 2, sum: 2, add: 1 });
});

test("a term that something else reads is left in the sum", () => {
  const [as, bs] = [inputs("a", 3, [1, 6]), inputs("b", 3, [1, 7])];
  const products = as.map((a, i) => matmul(a, bs[i]!, { transposeA: true }));
  const { inputs: named } = over([...as, ...bs], products[0]!);
  const after = mergeSums(graph(named, { y: total(products), first: products[0]! }));
  expect(counts(after)).toMatchObject({ matmul: 3 });
});
