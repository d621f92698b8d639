import { expect, test } from "vitest";
import { graph } from "../graph.ts";
import { dot, mul } from "../ops/arithmetic.ts";
import { input } from "../ops/leaf.ts";
import { sum } from "../ops/shape.ts";
import { fuseInnerProducts } from "./fuse-inner-products.ts";

const a = input("a", [3, 4]);
const b = input("b", [3, 4]);
const row = input("row", [4]);

test("the sum over a product becomes one node", () => {
  const { y } = fuseInnerProducts(graph({ a, b }, { y: dot(a, b) })).outputs;
  expect(y!.op.name).toBe("innerProduct");
  expect(y!.inputs).toEqual([a, b]);
});

test("partial sums and broadcast products stay", () => {
  const outputs = { partial: sum(mul(a, b), [0]), broadcast: sum(mul(a, row)) };
  expect(fuseInnerProducts(graph({ a, b, row }, outputs)).outputs).toEqual(outputs);
});
