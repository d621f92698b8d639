import { type Model, rng, traceModel } from "@recon/core";
import { testModel } from "@recon/core/testing";
import { sizeOf } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { cnn } from "./cnn.ts";
import { fcn } from "./fcn.ts";
import { outputOf } from "./fixtures/output-of.ts";
import type { ForecastShape } from "./forecaster.ts";
import { gru } from "./gru.ts";
import { lstm } from "./lstm.ts";
import { tcn } from "./tcn.ts";

const count = (model: Model): number =>
  Object.values(model.parameters).reduce((total, { shape }) => total + sizeOf(shape), 0);

/** Two columns, and more steps than the convolutions' strides divide. */
const small: ForecastShape = { input: [5, 2], classes: 3 };

testModel(() => fcn({ hidden: 4 }, small), { runs: 2, parameters: 11 * 4 + 5 * 4 + 5 * 3 });
testModel(() => gru({ hidden: 3 }, small), { runs: 2, parameters: 9 * (2 + 3 + 2) + 4 * 3 });
testModel(() => gru({ hidden: 2, layers: 2 }, small), {
  runs: 1,
  parameters: 6 * (2 + 2 + 2) + 6 * (2 + 2 + 2) + 3 * 3,
});
testModel(() => lstm({ hidden: 3 }, small), { runs: 2, parameters: 12 * (2 + 3 + 2) + 4 * 3 });
testModel(() => cnn({ hidden: 2 }, small), { runs: 1, parameters: 2 * 11 + 2 * 2 * 11 + 5 * 3 });
testModel(() => tcn({ hidden: 2, layers: 2, kernel: 2 }, { input: [5, 1], classes: 3 }), {
  runs: 1,
  parameters: 2 * 3 + 3 * 2 * 5 + 2 * 2 + 3 * 3,
});
testModel(() => tcn({ hidden: 2, layers: 1, kernel: 2, weight_norm: true }, { input: [5, 2], classes: 3 }), {
  runs: 1,
  parameters: 2 * 2 * (2 + 5) + 3 * 3 - 2 * 2,
});

describe("parameters", () => {
  test.each([
    ["fcn", fcn(), 96 * 64 + 64 + 64 * 64 + 64 + 64 * 96 + 96],
    ["gru", gru(), 192 * (1 + 64 + 2) + 64 * 96 + 96],
    ["cnn", cnn(), 189_024],
    ["cnn of 56 days", cnn({}, { input: [56, 1], classes: 14 }), 384 + 2 * 20_544 + (64 * 14 + 1) * 14],
    ["tcn", tcn(), 179_296],
    ["lstm", lstm(), 256 * (1 + 64 + 2) + 64 * 96 + 96],
    [
      "fcn of three layers, 56 days and 14 ahead",
      fcn({ hidden: 32, layers: 3 }, { input: [56, 1], classes: 14 }),
      57 * 32 + 2 * 33 * 32 + 33 * 14,
    ],
  ])("%s are as many as the layers say", (_name, model, expected) => {
    expect(count(model)).toBe(expected);
  });
  test.each([
    [fcn({}, { input: [48, 2], classes: 7 }), "hidden.0.weight", 1 / Math.sqrt(96)],
    [fcn(), "head.bias", 1 / 8],
    [gru(), "gru.weight_ih_l0", 1 / 8],
    [gru({ hidden: 16, layers: 2 }), "gru.bias_hh_l1", 1 / 4],
    [lstm(), "lstm.weight_hh_l0", 1 / 8],
    [cnn(), "conv.0.weight", 1 / Math.sqrt(5)],
    [cnn(), "head.weight", 1 / Math.sqrt(64 * 24)],
    [tcn({}, { input: [56, 2], classes: 14 }), "blocks.0.conv1.bias", 1 / Math.sqrt(12)],
    [tcn(), "blocks.3.conv2.weight", 1 / Math.sqrt(64 * 6)],
  ])("are uniform up to the bound (case %#)", (model, name, bound) => {
    const { data } = model.init(rng(4))[name]!;
    const largest = Array.from(data).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    expect(data).toBeInstanceOf(Float32Array);
    expect(largest).toBeLessThanOrEqual(bound * (1 + 1e-7));
    expect(largest).toBeGreaterThan(bound * 0.8);
  });
  test("end with the head, a linear layer on what the net before it makes of the series", () => {
    for (const [model, width] of [
      [fcn(), 64],
      [gru(), 64],
      [lstm(), 64],
      [tcn(), 64],
      [cnn(), 64 * 24],
    ] as const) {
      const head = traceModel(model).layers.at(-1)!;
      expect(head).toMatchObject({ kind: "linear", weight: "head.weight", bias: "head.bias" });
      expect(head.input.shape).toEqual([1, width]);
    }
  });
  test("of the convolutional net lie in one chain of layers with a sigmoid between them", () => {
    const { input, layers } = traceModel(cnn());
    expect(layers.map(({ weight }) => weight)).toEqual([
      "conv.0.weight",
      "conv.1.weight",
      "conv.2.weight",
      "head.weight",
    ]);
    expect(layers.slice(0, 3).map(({ activation }) => activation.name)).toEqual(["sigmoid", "sigmoid", "sigmoid"]);
    expect(layers[0]!.input).toMatchObject({ op: { name: "reshape" }, inputs: [input] });
    expect(layers.slice(0, 3).map(({ output }) => output.shape)).toEqual([
      [1, 64, 48],
      [1, 64, 24],
      [1, 64, 24],
    ]);
  });
});

const sigma = (z: number): number => 1 / (1 + Math.exp(-z));

describe("values by hand", () => {
  const two: ForecastShape = { input: [2, 1], classes: 1 };
  test("cnn of one channel, two steps: both in one output of every convolution", () => {
    // Of the five taps at padding 2 the third meets the output's own step, the fourth the one after it.
    const taps = {
      "conv.0.weight": [9, 9, 2, -1, 9],
      "conv.1.weight": [9, 9, 3, 9, 9],
      "conv.2.weight": [9, 9, -2, 9, 9],
    };
    const biases = {
      "conv.0.bias": [0.5],
      "conv.1.bias": [-1],
      "conv.2.bias": [0.1],
      "head.weight": [4],
      "head.bias": [0.25],
    };
    const weights: Record<string, readonly number[]> = { ...taps, ...biases };
    const found = outputOf(cnn({ hidden: 1 }, two), (name, i) => weights[name]![i]!, [0.3, 0.7])[0];
    const hidden = sigma(-2 * sigma(3 * sigma(0.6 - 0.7 + 0.5) - 1) + 0.1);
    expect(found).toBeCloseTo(4 * hidden + 0.25, 14);
  });
  test("fcn: σ(w₂ σ(w₁ x + b₁) + b₂) and a linear head", () => {
    const weights: Record<string, readonly number[]> = {
      "hidden.0.weight": [2, -1],
      "hidden.0.bias": [0.5],
      "hidden.1.weight": [3],
      "hidden.1.bias": [-1],
      "head.weight": [4],
      "head.bias": [0.25],
    };
    const found = outputOf(fcn({ hidden: 1 }, two), (name, i) => weights[name]![i]!, [0.3, 0.7])[0];
    expect(found).toBeCloseTo(4 * sigma(3 * sigma(0.6 - 0.7 + 0.5) - 1) + 0.25, 14);
  });
  test("gru of one unit, two steps, with both biases", () => {
    const weights: Record<string, readonly number[]> = {
      "gru.weight_ih_l0": [0.5, -1, 2],
      "gru.weight_hh_l0": [1, 0.5, -1.5],
      "gru.bias_ih_l0": [0.1, 0.2, 0.3],
      "gru.bias_hh_l0": [-0.3, 0.4, 0.6],
      "head.weight": [2],
      "head.bias": [-1],
    };
    let h = 0;
    for (const x of [0.3, 0.7]) {
      const r = sigma(0.5 * x + 0.1 + h - 0.3);
      const z = sigma(-x + 0.2 + 0.5 * h + 0.4);
      const n = Math.tanh(2 * x + 0.3 + r * (-1.5 * h + 0.6));
      h = (1 - z) * n + z * h;
    }
    expect(outputOf(gru({ hidden: 1 }, two), (name, i) => weights[name]![i]!, [0.3, 0.7])[0]).toBeCloseTo(
      2 * h - 1,
      14,
    );
  });
  test("lstm of one unit, two steps, with both biases", () => {
    const weights: Record<string, readonly number[]> = {
      "lstm.weight_ih_l0": [0.5, -1, 2, 1],
      "lstm.weight_hh_l0": [1, 0.5, -1.5, 0.2],
      "lstm.bias_ih_l0": [0.1, 0.2, 0.3, 0.4],
      "lstm.bias_hh_l0": [-0.3, 0.4, 0.6, -0.5],
      "head.weight": [2],
      "head.bias": [-1],
    };
    let [h, c] = [0, 0];
    for (const x of [0.3, 0.7]) {
      const [i, f] = [sigma(0.5 * x + h - 0.2), sigma(-x + 0.5 * h + 0.6)];
      const [g, o] = [Math.tanh(2 * x - 1.5 * h + 0.9), sigma(x + 0.2 * h - 0.1)];
      c = f * c + i * g;
      h = o * Math.tanh(c);
    }
    expect(outputOf(lstm({ hidden: 1 }, two), (name, i) => weights[name]![i]!, [0.3, 0.7])[0]).toBeCloseTo(
      2 * h - 1,
      14,
    );
  });
});

describe("what does not fit is said", () => {
  test.each([
    [() => fcn({}, { input: [3, 32, 32], classes: 10 }), "shape", "fcn forecasts series [steps, columns]"],
    [() => gru({}, { input: [96], classes: 10 }), "shape", "the data has inputs [96]"],
    [() => lstm({}, { input: [96, 1], classes: 0 }), "shape", "targets of 0"],
    [() => gru({ hidden: 0 }), "bad-option", '"hidden" must be a whole number'],
    [() => cnn({ hidden: 1.5 }), "bad-option", '"hidden" must be a whole number'],
    [() => tcn({ dropout: 1 }), "bad-option", '"dropout" must be a number from 0 to 0.99'],
    [() => tcn({ start: "normal" } as object), "bad-option", '"start" must be one of "usual", "small"'],
    [() => fcn({ width: 3 } as object), "bad-option", 'no option "width"'],
  ])("case %#", (build, code, message) => {
    expect(build).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});
