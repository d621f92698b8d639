import { expect, test } from "vitest";
import { type Graph, graph, nodesOf } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { add, div, dot, mul } from "../ops/arithmetic.ts";
import { input } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { sum } from "../ops/shape.ts";
import { tanh } from "../ops/unary.ts";
import { scaleLast } from "./scale-last.ts";

const [x, y, w] = [input("x", [5, 3]), input("y", [5, 3]), input("w", [3, 3])];
const inputs = { x, y, w };
const values = Object.fromEntries(
  Object.entries(inputs).map(([name, { shape }], k) => [
    name,
    { shape, data: Float64Array.from({ length: shape[0]! * shape[1]! }, (_, i) => Math.sin(1.3 * i + k)) },
  ]),
);
const s = sum(tanh(x));
const t = div(-2, dot(y, y));
const combined = (a: typeof x, b: typeof x) => add(mul(s, a), mul(b, t));

const count = (g: Graph, name: string): number => nodesOf(g).filter(({ op }) => op.name === name).length;

function expectEqual(before: Graph, after: Graph): void {
  const [expected, actual] = [interpret(before, values), interpret(after, values)];
  for (const [name, { data }] of Object.entries(expected))
    data.forEach((value, i) => {
      expect(actual[name]!.data[i]).toBeCloseTo(value, 12);
    });
}

test("what every term is multiplied by is multiplied in once, after linear and bilinear ops", () => {
  const first = matmul(combined(x, y), w);
  const g = graph(inputs, { z: add(add(first, add(combined(y, x), combined(x, x))), mul(y, combined(tanh(x), y))) });
  const scaled = scaleLast(g);
  // Eight products with a number before; after, four with the ratio, one for the ratio and the last. Two others stay.
  expect(count(g, "mul")).toBe(10);
  expect(count(scaled, "mul")).toBe(8);
  expect(scaled.outputs.z!.op.name).toBe("mul");
  expect(scaled.outputs.z!.inputs).toContain(t);
  expectEqual(g, scaled);
});

test("a number of its own for a product with a small factor scales the factor", () => {
  const small = matmul(x, w);
  const narrow = matmul(input("column", [5, 1]), input("row", [1, 3]));
  const all = { ...inputs, column: narrow.inputs[0]!, row: narrow.inputs[1]! };
  const terms = [narrow, small, y, x, tanh(y)].map((term) => combined(term, x));
  const scaled = scaleLast(graph(all, { z: terms.reduce((a, b) => add(a, b)) }));
  const products = nodesOf(scaled).filter(({ op }) => op.name === "matmul");
  expect(
    products.flatMap((product) => product.inputs.map((operand) => [operand.op.name, operand.shape.join()])),
  ).toContainEqual(["mul", "1,3"]);
});

test("what is not linear gets its operand as it was", () => {
  const terms = [
    combined(x, y),
    combined(y, x),
    combined(x, x),
    combined(tanh(y), x),
    combined(y, y),
    combined(x, tanh(x)),
  ];
  const g = graph(inputs, { z: terms.reduce((a, b) => add(a, b)), bent: tanh(terms[0]!) });
  expect(count(scaleLast(g), "mul")).toBeLessThan(count(g, "mul"));
  expectEqual(g, scaleLast(g));
});

test("a number that might be 0 is left where it is", () => {
  const other = sum(y);
  const sums = [x, y].map((a) => add(mul(s, a), mul(other, tanh(a))));
  const g = graph(inputs, { z: add(sums[0]!, sums[1]!) });
  expect(scaleLast(g)).toBe(g);
});
