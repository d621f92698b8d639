import { expect, test } from "vitest";
import { graph, nodesOf } from "../graph.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { greater, toFloat } from "../ops/compare.ts";
import { constant, input } from "../ops/leaf.ts";
import { broadcastTo, transpose } from "../ops/shape.ts";
import { foldConstants } from "./fold.ts";

test("what depends on constants alone becomes its value", () => {
  const x = input("x", [2, 2]);
  const table = transpose(mul(constant([1, 2, 3, 4], [2, 2]), constant([10], [])));
  const after = foldConstants(graph({ x }, { y: add(x, table) }));
  const folded = after.outputs.y!.inputs[1]!;
  expect(folded.op.name).toBe("constant");
  expect(folded.attributes.value).toEqual(Float64Array.of(10, 30, 20, 40));
  expect(nodesOf(after)).toHaveLength(3);
});

test("types are kept", () => {
  const y = greater(constant([1, 2], [2]), constant([2, 1], [2]));
  const { bool, float } = foldConstants(graph({}, { bool: y, float: toFloat(y) })).outputs;
  expect([bool!.dtype, float!.dtype]).toEqual(["bool", "float"]);
  expect(float!.attributes.value).toEqual(Float64Array.of(0, 1));
});

test("a number repeated a million times is not stored", () => {
  const { y } = foldConstants(graph({}, { y: broadcastTo(constant([1], []), [1000, 1000]) })).outputs;
  expect(y!.op.name).toBe("broadcastTo");
});
