import { type Arrays, graph, input, interpret, type NdArray, type Shape, type Tensors } from "@recon/engine";
import { expect, test } from "vitest";
import { batchNormStep } from "./batch-norm-step.ts";
import { globalAverageStep, maxStep } from "./pooling-steps.ts";
import { basicBlockStep, residualStep } from "./residual-step.ts";
import type { FittedStep, Mode } from "./step.ts";
import { convStep } from "./steps.ts";

const array = (shape: Shape, values: readonly number[]): NdArray => ({ shape, data: Float64Array.from(values) });

/** What a layer makes of a batch, with its parameters and buffers as they start (weights 0) or as given. */
function applied(step: FittedStep, x: NdArray, given: Arrays = {}, mode: Mode = "eval"): NdArray {
  const specs = { ...step.parameters, ...step.buffers };
  const state: Tensors = Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => [name, input(name, shape)]),
  );
  const values = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const size = spec.shape.reduce((n, extent) => n * extent, 1);
      return [name, { shape: spec.shape, data: new Float64Array(size).fill("fill" in spec ? spec.fill : 0) }];
    }),
  );
  const data = input("x", x.shape);
  return interpret(graph({ x: data, ...state }, { y: step.apply(data, state, mode) }), { x, ...values, ...given }).y!;
}

const counting = (shape: Shape): NdArray => {
  const size = shape.reduce((n, extent) => n * extent, 1);
  return array(
    shape,
    Array.from({ length: size }, (_, i) => i + 1),
  );
};

test("a block whose convolutions are zero passes its input through the shortcut", () => {
  const block = basicBlockStep({ out: 1, stride: 1, activation: "relu", shortcut: "projection" })([1, 2, 2]);
  expect(Object.keys(block.parameters)).not.toContain("downsample.0.weight");
  expect(Array.from(applied(block, array([1, 1, 2, 2], [1, -2, 3, -4])).data)).toEqual([1, 0, 3, 0]);
});

test("a shortcut with padding keeps every second pixel and puts zeros around the channels", () => {
  const block = basicBlockStep({ out: 4, stride: 2, activation: "relu", shortcut: "padding" })([2, 3, 4]);
  expect(block.output).toEqual([4, 2, 2]);
  const zeros = [0, 0, 0, 0];
  expect(Array.from(applied(block, counting([1, 2, 3, 4])).data)).toEqual([
    ...zeros,
    ...[1, 3, 9, 11],
    ...[13, 15, 21, 23],
    ...zeros,
  ]);
});

test("a projection is a 1 × 1 convolution with stride and batch normalisation", () => {
  const block = basicBlockStep({ out: 2, stride: 2, activation: "relu", shortcut: "projection" })([1, 3, 3]);
  const weight = array([2, 1, 1, 1], [2, -1]);
  const variance = array([2], [4 - 1e-5, 1 - 1e-5]);
  const given = {
    "downsample.0.weight": weight,
    "downsample.1.running_var": variance,
    "bn2.bias": array([2], [0, 10]),
  };
  const { data } = applied(block, counting([1, 1, 3, 3]), given);
  // 2 x / √4 and 10 − x at the corners 1, 3, 7, 9.
  for (const [i, value] of [1, 3, 7, 9, 9, 7, 3, 1].entries()) expect(data[i]).toBeCloseTo(value, 12);
});

test("a body and a shortcut of different shapes are refused", () => {
  const wide = convStep({ out: 3, kernel: 3, pad: 1 });
  const narrow = convStep({ out: 2, kernel: 1, pad: 0 });
  expect(() => residualStep(wide, narrow, "relu")([1, 4, 4])).toThrow(
    "its body gives [3, 4, 4] and its shortcut [2, 4, 4]",
  );
  const block = basicBlockStep({ out: 2, stride: 2, activation: "relu", shortcut: "padding" });
  expect(() => block([3, 4, 4])).toThrow("cannot go from 3 channels to 2");
});

test("batch normalisation reads the batch in train mode and its buffers in eval mode", () => {
  const step = batchNormStep()([1, 1, 2]);
  const x = array([2, 1, 1, 2], [1, 2, 3, 6]);
  const given = {
    weight: array([1], [2]),
    bias: array([1], [1]),
    running_mean: array([1], [2]),
    running_var: array([1], [0.25 - 1e-5]),
  };
  // Mean 3, biased variance 3.5.
  const expected = { train: [-2, -1, 0, 3].map((d) => 1 + (2 * d) / Math.sqrt(3.5 + 1e-5)), eval: [-3, 1, 5, 17] };
  for (const mode of ["train", "eval"] as const) {
    const { data } = applied(step, x, given, mode);
    for (const [i, value] of expected[mode].entries()) expect(data[i]).toBeCloseTo(value, 12);
  }
});

test("batch normalisation in train mode refuses a single number a channel, and says what to do", () => {
  const step = batchNormStep()([3, 1, 1]);
  const single = array([1, 3, 1, 1], [1, 2, 3]);
  expect(() => applied(step, single, {}, "train")).toThrow(expect.objectContaining({ code: "shape" }));
  expect(() => applied(step, single, {}, "train")).toThrow("Take a larger batch, larger images or eval mode.");
  expect(applied(step, single).data[1]).toBeCloseTo(2, 4);
});

test("max pooling leaves out what is left over; the global average is one number a channel", () => {
  const largest = maxStep(2)([1, 3, 5]);
  expect(largest.output).toEqual([1, 1, 2]);
  expect(Array.from(applied(largest, counting([1, 1, 3, 5])).data)).toEqual([7, 9]);
  expect(Array.from(applied(globalAverageStep()([2, 1, 3]), counting([1, 2, 1, 3])).data)).toEqual([2, 5]);
});
