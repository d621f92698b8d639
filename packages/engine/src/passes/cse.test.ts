import { expect, test } from "vitest";
import { graph, nodesOf } from "../graph.ts";
import { add, mul, sub } from "../ops/arithmetic.ts";
import { constant, input } from "../ops/leaf.ts";
import { tanh } from "../ops/unary.ts";
import { eliminateCommonSubexpressions } from "./cse.ts";

const a = input("a", [2]);
const b = input("b", [2]);

test("equal subgraphs become one, at any depth", () => {
  const twice = () => tanh(add(mul(a, b), constant([1, 2], [2])));
  const after = eliminateCommonSubexpressions(graph({ a, b }, { y: sub(twice(), twice()) }));
  // a, b, mul, constant, add, tanh, sub
  expect(nodesOf(after)).toHaveLength(7);
  expect(after.outputs.y!.inputs[0]).toBe(after.outputs.y!.inputs[1]);
});

test("the order of operands counts for a difference and not for a sum", () => {
  const { sum, other, difference, reverse } = eliminateCommonSubexpressions(
    graph({ a, b }, { sum: add(a, b), other: add(b, a), difference: sub(a, b), reverse: sub(b, a) }),
  ).outputs;
  expect(sum).toBe(other);
  expect(difference).not.toBe(reverse);
});

test("constants that differ in the sign of zero or in type stay apart", () => {
  const outputs = eliminateCommonSubexpressions(
    graph(
      {},
      { zero: constant([0], []), minus: constant([-0], []), whole: constant([0], [], "int"), again: constant([0], []) },
    ),
  ).outputs;
  expect(new Set(Object.values(outputs)).size).toBe(3);
});
