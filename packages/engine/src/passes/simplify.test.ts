import { describe, expect, test } from "vitest";
import { graph, nodesOf, print } from "../graph.ts";
import { add, div, mul, neg, sub } from "../ops/arithmetic.ts";
import { greater, select, stopGradient } from "../ops/compare.ts";
import { conv } from "../ops/conv.ts";
import { input, scalar } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { broadcastTo, full, reshape, sum, transpose, zerosLike } from "../ops/shape.ts";
import { pad, slice } from "../ops/slice.ts";
import type { Tensor } from "../tensor.ts";
import { optimise } from "./optimise.ts";

const x = input("x", [3, 4]);
const v = input("v", [4]);
const s = input("s", []);
const t = input("t", []);

/** The optimised form of y as text, operands written out: `mul(x, 2)`. */
function form(y: Tensor): string {
  const { y: result } = optimise(graph({ x, v, s, t }, { y })).outputs;
  const text = (node: Tensor): string => {
    if (node.op.name === "input") return node.attributes.name as string;
    if (node.op.name === "constant") return (node.attributes.value as Float64Array).join(" ");
    return `${node.op.name}(${node.inputs.map(text).join(", ")})`;
  };
  expect(result!.shape, print(graph({ x, v, s, t }, { y }))).toEqual(y.shape);
  return text(result!);
}

/** An expression and what it becomes. */
const table: readonly (readonly [string, Tensor, string])[] = [
  ["x · 1", mul(x, 1), "x"],
  ["1 · x", mul(1, x), "x"],
  ["x · ones", mul(x, full(1, [3, 4])), "x"],
  ["x + 0", add(x, zerosLike(x)), "x"],
  ["x − 0", sub(x, 0), "x"],
  ["x / 1", div(x, 1), "x"],
  ["x / 4", div(x, 4), "mul(x, 0.25)"],
  ["x / 3 stays: the reciprocal is not exact", div(x, 3), "div(x, 3)"],
  ["0 · x", mul(0, x), "broadcastTo(0)"],
  ["x − x", sub(x, x), "broadcastTo(0)"],
  ["0 − x", sub(0, x), "neg(x)"],
  ["x · −1", mul(x, -1), "neg(x)"],
  ["−(−x)", neg(neg(x)), "x"],
  ["x + (−y)", add(x, neg(broadcastTo(v, [3, 4]))), "sub(x, v)"],
  ["x − (−v)", sub(x, neg(v)), "add(x, v)"],
  ["−(x − v)", neg(sub(x, v)), "sub(v, x)"],
  ["x + x", add(x, x), "mul(x, 2)"],
  ["(2 x) · 3 + 0", add(mul(mul(x, 2), 3), 0), "mul(x, 6)"],
  ["(−x) · 2", mul(neg(x), 2), "mul(x, -2)"],
  ["(s x) t + (s x) t: numbers first", add(mul(mul(s, x), t), mul(mul(s, x), t)), "mul(mul(mul(s, t), 2), x)"],
  ["broadcast operand", mul(x, broadcastTo(reshape(s, [1, 1]), [3, 4])), "mul(x, s)"],
  ["reshape of reshape", reshape(reshape(x, [12]), [2, 6]), "reshape(x)"],
  ["reshape there and back", reshape(reshape(x, [12]), [3, 4]), "x"],
  ["transpose twice", transpose(transpose(x)), "x"],
  ["transpose of a row", transpose(reshape(v, [1, 4])), "reshape(v)"],
  ["transposed operands", matmul(transpose(x), transpose(x), { transposeA: true }), "matmul(x, x)"],
  ["product with zeros", matmul(x, zerosLike(transpose(x))), "broadcastTo(0)"],
  ["convolution with zeros", conv(reshape(v, [1, 1, 4]), full(0, [1, 1, 2])), "broadcastTo(0)"],
  ["sum of zeros", sum(zerosLike(x)), "0"],
  ["sum of a repeated number", sum(broadcastTo(s, [3, 4])), "mul(s, 12)"],
  ["sum over unit axes", sum(reshape(v, [1, 4]), [0]), "v"],
  ["sum of a reshape", sum(reshape(x, [2, 6])), "sum(x)"],
  ["sum of sums", sum(sum(x, [0])), "sum(x)"],
  ["sum of a scaled tensor", sum(mul(x, 3)), "mul(sum(x), 3)"],
  ["sum of a negation", sum(neg(x)), "neg(sum(x))"],
  ["slice of a slice", slice(slice(x, [1, 0], [2, 4]), [1, 1], [1, 2]), "slice(x)"],
  ["slice of what was padded", slice(pad(x, [1, 1], [0, 2]), [1, 1], [3, 4]), "x"],
  ["pad of a pad", pad(pad(x, [1, 0], [0, 0]), [0, 1], [1, 1]), "pad(x)"],
  ["a choice between equals", select(greater(x, 0), v, v), "broadcastTo(v)"],
  ["a stopped gradient", stopGradient(x), "x"],
  ["numbers alone", add(scalar(2), mul(scalar(3), scalar(4))), "14"],
];

describe("identities", () => {
  test.each(table)("%s", (_name, y, expected) => {
    expect(form(y)).toBe(expected);
  });

  test("a subexpression with another use is kept, not computed twice", () => {
    const inner = mul(x, s);
    const g = graph({ x, s, t }, { inner, outer: mul(inner, t) });
    expect(nodesOf(optimise(g))).toHaveLength(nodesOf(g).length);
  });
});
