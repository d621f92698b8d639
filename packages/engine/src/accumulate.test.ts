import { describe, expect, test } from "vitest";
import { accumulate } from "./accumulate.ts";
import { grad } from "./grad.ts";
import { graph, nodesOf } from "./graph.ts";
import { interpret } from "./interpret.ts";
import { add, dot, mul } from "./ops/arithmetic.ts";
import { input } from "./ops/leaf.ts";
import { matmul } from "./ops/matmul.ts";
import { split } from "./ops/pieces.ts";
import { pad } from "./ops/slice.ts";
import { tanh } from "./ops/unary.ts";
import { sizeOf, type Tensor } from "./tensor.ts";

const opsOf = (node: Tensor): string[] =>
  nodesOf({ inputs: {}, outputs: { node } })
    .map(({ op }) => op.name)
    .filter((name) => name !== "input");

/** ‖accumulated − added one by one‖∞ on some values. */
function deviation(terms: readonly Tensor[], sources: readonly Tensor[]): number {
  const inputs = Object.fromEntries(sources.map((node) => [node.attributes.name as string, node]));
  const values = Object.fromEntries(
    sources.map((node, k) => [
      node.attributes.name as string,
      { shape: node.shape, data: Float64Array.from({ length: sizeOf(node.shape) }, (_, i) => Math.sin(3 * i + k + 1)) },
    ]),
  );
  const outputs = { joined: accumulate(terms), added: terms.reduce((a, b) => add(a, b)) };
  const { joined, added } = interpret(graph(inputs, outputs), values);
  return Math.max(...Array.from(added!.data, (value, i) => Math.abs(value - joined!.data[i]!)));
}

const inputs = (count: number, shape: readonly number[], name = "x"): Tensor[] =>
  Array.from({ length: count }, (_, i) => input(`${name}${i}`, shape));

describe("accumulate", () => {
  test("joins pieces that lie one behind the other, whatever their order, and pads what is left", () => {
    const xs = inputs(3, [2, 2]);
    const terms = [4, 0, 2].map((start, i) => pad(xs[i]!, [0, start], [0, 5 - start]));
    expect(opsOf(accumulate(terms))).toEqual(["concat", "pad"]);
    expect(deviation(terms, xs)).toBe(0);
  });

  test("keeps apart what overlaps or leaves a gap, and what is padded along two axes", () => {
    const xs = inputs(5, [2, 2]);
    const terms = [
      pad(xs[0]!, [0, 0], [0, 5]),
      pad(xs[1]!, [0, 1], [0, 4]),
      pad(xs[2]!, [0, 5], [0, 0]),
      pad(pad(xs[3]!, [0, 3], [0, 2]), [0, 0], [0, 0]),
      tanh(pad(xs[4]!, [0, 5], [0, 0])),
    ];
    expect(deviation(terms, xs)).toBe(0);
    const corner = [pad(xs[0]!, [0, 0], [1, 1]), pad(xs[1]!, [1, 1], [0, 0])];
    expect(opsOf(accumulate(corner))).toEqual(["pad", "pad", "add"]);
    expect(deviation(corner, xs.slice(0, 2))).toBe(0);
  });

  test.each([
    [true, false],
    [false, true],
    [false, false],
    [true, true],
  ])("makes one product of many small ones (transposed: %s, %s)", (transposeA, transposeB) => {
    const [as, bs] = [inputs(9, transposeA ? [1, 6] : [6, 1], "a"), inputs(9, transposeB ? [5, 1] : [1, 5], "b")];
    const terms = as.map((a, i) => matmul(a, bs[i]!, { transposeA, transposeB }));
    expect(opsOf(accumulate(terms)).sort()).toEqual(["concat", "concat", "matmul"]);
    expect(deviation(terms, [...as, ...bs])).toBeLessThan(1e-14);
  });

  test("sums many terms in one pass", () => {
    const xs = inputs(12, [3, 4]);
    expect(opsOf(accumulate(xs))).toEqual(["concat", "reshape", "sum"]);
    expect(deviation(xs, xs)).toBeLessThan(1e-14);
    expect(opsOf(accumulate(inputs(3, [3, 4])))).toEqual(["add", "add"]);
  });
});

test("the gradient of a recurrence has one product for its weights", () => {
  const [w, x] = [input("w", [4, 4]), input("x", [20, 4])];
  const rows = split(x, new Array<number>(20).fill(1), 0);
  const h = rows.reduce((state, row) => tanh(add(matmul(state, w), row)));
  const [forW, forX] = grad(dot(h, mul(h, h)), [w, x]) as [Tensor, Tensor];
  expect(
    nodesOf({ inputs: {}, outputs: { forW } }).filter((n) => n.op.name === "matmul" && n.shape[0] === 4),
  ).toHaveLength(1);
  expect(opsOf(forX).filter((name) => name === "pad")).toHaveLength(0);
});
