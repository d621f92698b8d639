import { expect, test } from "vitest";
import { graph, nodesOf } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { conv } from "../ops/conv.ts";
import { input } from "../ops/leaf.ts";
import { matmul } from "../ops/matmul.ts";
import { layerNorm } from "../ops/normalisation.ts";
import { broadcastTo, reshape, sum, transpose } from "../ops/shape.ts";
import { concat, pad, slice } from "../ops/slice.ts";
import { softmax } from "../ops/softmax.ts";
import { tanh } from "../ops/unary.ts";
import type { Arrays, Tensor, Tensors } from "../tensor.ts";
import { dropUnitAxis } from "./drop-unit-axis.ts";
import { optimise } from "./optimise.ts";

const x = input("x", [1, 4, 6]);
const w = input("w", [6, 6]);
const b = input("b", [6]);
const inputs = { x, w, b };
const valuesOf = (tensors: Tensors): Arrays =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape }], k) => [
      name,
      { shape, data: Float64Array.from({ length: shape.reduce((n, e) => n * e, 1) }, (_, i) => Math.cos(0.7 * i + k)) },
    ]),
  );

const cases: Readonly<Record<string, Tensor>> = {
  elementwise: add(mul(tanh(x), b), x),
  "product with a matrix": matmul(x, w),
  "product of batches": matmul(x, x, { transposeB: true }),
  softmax: softmax(x),
  normalisation: layerNorm(x, { weight: b }),
  "sum over rows": sum(x, [1], true),
  "sum over the axis and rows": sum(x, [0, 1]),
  "sum over the axis, kept": sum(x, [0, 2], true),
  transposition: transpose(x, [0, 2, 1]),
  "transposition of the axis": transpose(x, [1, 0, 2]),
  window: slice(x, [0, 1, 2], [1, 2, 3]),
  padding: pad(x, [0, 1, 0], [0, 0, 2]),
  "padding of the axis": pad(x, [1, 0, 0], [0, 0, 0]),
  joining: concat([x, tanh(x)], 1),
  "joining along the axis": concat([x, tanh(x)], 0),
  repetition: add(broadcastTo(x, [3, 4, 6]), b),
  "repetition of an operand": add(sum(x, [1], true), x),
};

test.each(Object.entries(cases))("%s means the same", (_name, y) => {
  const g = graph(inputs, { y: tanh(y) });
  const values = valuesOf(inputs);
  const [expected, actual] = [interpret(g, values).y!, interpret(dropUnitAxis(g), values).y!];
  expect(actual.shape).toEqual(expected.shape);
  actual.data.forEach((value, i) => {
    expect(value).toBeCloseTo(expected.data[i]!, 12);
  });
});

test("a batch of one leaves no change of shape between products but the first and the last", () => {
  const layer = (h: Tensor): Tensor => add(reshape(matmul(reshape(h, [4, 6]), w), [1, 4, 6]), b);
  const block = (h: Tensor): Tensor => layerNorm(add(layer(tanh(layer(h))), h));
  const names = nodesOf(optimise(graph(inputs, { y: block(block(block(x))) }))).map(({ op }) => op.name);
  expect(names.filter((name) => name === "reshape")).toHaveLength(2);
});

test("convolutions keep their batch, and the graph stays as it was", () => {
  const planes = input("planes", [1, 2, 5, 5]);
  const kernel = input("kernel", [2, 2, 3, 3]);
  const layer = (h: Tensor): Tensor => tanh(conv(h, kernel, { pads: [1, 1, 1, 1] }));
  const g = graph({ planes, kernel }, { y: layer(layer(planes)) });
  expect(nodesOf(optimise(g)).some(({ op }) => op.name === "reshape")).toBe(false);
});
