import { gradient, type Model, parameterInputs, parametersOf, parameterValues, rng } from "@recon/core";
import { type Arrays, graph, input, interpret, type NdArray, sizeOf } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { outputOf } from "./fixtures/output-of.ts";
import { tcn } from "./tcn.ts";

const drawnBy = (model: Model, seed: number): ((name: string, i: number) => number) => {
  const values = model.init(rng(seed));
  return (name, i) => values[name]!.data[i]!;
};

test.each([
  [1, 1],
  [11, 1],
  [12, 2],
  [56, 3],
  [96, 4],
  [151, 4],
  [152, 5],
])("as many blocks as it takes for the last step to see all of %i: %i", (steps, layers) => {
  expect(tcn({}, { input: [steps, 1], classes: 1 }).options).toMatchObject({ layers });
});

test("the forecast depends on as many steps back as the blocks reach and on none before them", () => {
  // One block of kernel 3 reaches 1 + 2 · 2 · 1 = 5 steps back, two 1 + 4 + 8 = 13.
  const weightOf = (): number => 0.1;
  for (const [layers, reach] of [
    [1, 5],
    [2, 13],
  ] as const) {
    const model = tcn({ hidden: 2, layers, kernel: 3 }, { input: [20, 1], classes: 1 });
    const x = Array.from({ length: 20 }, () => 0.5);
    const at = (values: readonly number[]): number => outputOf(model, weightOf, values)[0]!;
    const moved = x.map((_, t) => at(x.map((value, i) => (i === t ? value + 0.1 : value))) !== at(x));
    expect(moved).toEqual(x.map((_, t) => t >= 20 - reach));
  }
});

test("a block of one channel by hand, with the skip connection and dilation 2 in the second", () => {
  const model = tcn({ hidden: 1, layers: 2, kernel: 2 }, { input: [3, 1], classes: 1 });
  const weights: Record<string, readonly number[]> = {
    "blocks.0.conv1.weight": [0.5, -1],
    "blocks.0.conv1.bias": [0.9],
    "blocks.0.conv2.weight": [1, 2],
    "blocks.0.conv2.bias": [-0.2],
    "blocks.1.conv1.weight": [-0.4, 1.5],
    "blocks.1.conv1.bias": [0.1],
    "blocks.1.conv2.weight": [0.3, 0.7],
    "blocks.1.conv2.bias": [0.2],
    "head.weight": [3],
    "head.bias": [-0.5],
  };
  const relu = (z: number): number => Math.max(0, z);
  const before = (h: readonly number[], t: number, lag: number): number => h[t - lag] ?? 0;
  const causal = (h: readonly number[], [older, newer]: readonly number[], bias: number, lag: number): number[] =>
    h.map((value, t) => relu(older! * before(h, t, lag) + newer! * value + bias));
  const block = (h: readonly number[], place: number): number[] => {
    const of = (name: string): readonly number[] => weights[`blocks.${place}.${name}`]!;
    const first = causal(h, of("conv1.weight"), of("conv1.bias")[0]!, 2 ** place);
    return causal(first, of("conv2.weight"), of("conv2.bias")[0]!, 2 ** place).map((value, t) => relu(value + h[t]!));
  };
  const x = [0.3, 0.8, 0.1];
  const last = block(block(x, 0), 1)[2]!;
  // The hidden width equals the one column, so that no skip convolution is needed.
  expect(Object.keys(model.parameters).filter((name) => name.includes("skip"))).toEqual([]);
  expect(outputOf(model, (name, i) => weights[name]![i]!, x)[0]).toBeCloseTo(3 * last - 0.5, 14);
});

test("the small start is N(0, .01²) in all weights, and biases are as usual", () => {
  const arrays = tcn({ start: "small" }).init(rng(1));
  for (const [name, { data }] of Object.entries(arrays)) {
    const spread = Math.sqrt(Array.from(data).reduce((a, b) => a + b * b, 0) / data.length);
    if (name.endsWith("weight")) expect(spread, name).toBeGreaterThan(0.007);
    if (name.endsWith("weight")) expect(spread, name).toBeLessThan(0.013);
    else expect(spread, name).toBeGreaterThan(0.02);
  }
});

test("with normed weights it starts as the same net, and the lengths are parameters of their own", () => {
  const shape = { input: [12, 2], classes: 4 };
  const [plain, normed] = [tcn({ hidden: 3 }, shape), tcn({ hidden: 3, weight_norm: true }, shape)];
  expect(normed.parameters["blocks.1.conv2.weight"]).toBeUndefined();
  expect(normed.parameters["blocks.1.conv2.weight_g"]!.shape).toEqual([3, 1, 1]);
  expect(normed.parameters["blocks.1.conv2.weight_v"]!.shape).toEqual([3, 3, 6]);
  const x = Array.from({ length: 24 }, (_, i) => Math.sin(i));
  const [a, b] = [outputOf(plain, drawnBy(plain, 5), x), outputOf(normed, drawnBy(normed, 5), x)];
  for (const [i, value] of a.entries()) expect(b[i]).toBeCloseTo(value, 6);
});

describe("dropout", () => {
  const model = tcn({ hidden: 3, layers: 2, kernel: 2, dropout: 0.25 }, { input: [6, 1], classes: 2 });
  const params = model.init(rng(2));
  const run = (data: Arrays, mode: "train" | "eval"): NdArray => {
    const symbols = parameterInputs(model);
    const nets = Object.fromEntries(Object.entries(data).map(([name, { shape }]) => [name, input(name, shape)]));
    const output = model.forward(parametersOf(model, symbols), nets, mode);
    return interpret(graph({ ...symbols, ...nets }, { output }), { ...parameterValues(params), ...data }).output!;
  };
  const x = { shape: [2, 6, 1], data: Float64Array.from({ length: 12 }, (_, i) => Math.cos(i) + 1) };
  const masks = (seed: number): Arrays =>
    Object.fromEntries(
      Object.entries(model.nuisances!).map(([name, one]) => [name, one.draw(rng(seed).split(name), 2)]),
    );
  test("masks are drawn for every convolution and sample, of the right rate and mean", () => {
    expect(Object.keys(model.nuisances!)).toHaveLength(4);
    const many = tcn({ dropout: 0.25 }).nuisances!["dropout of blocks.0.conv1"]!.draw(rng(3), 4);
    expect(many.shape).toEqual([4, 64, 96]);
    const values = Array.from(many.data);
    expect(new Set(values)).toEqual(new Set([0, Math.fround(4 / 3)]));
    expect(values.filter((value) => value === 0).length / sizeOf(many.shape)).toBeCloseTo(0.25, 1);
  });
  test("changes the net in train mode, and nothing in eval mode or where no mask is known", () => {
    const plain = run({ input: x }, "eval");
    expect(run({ input: x }, "train")).toEqual(plain);
    expect(run({ input: x, ...masks(1) }, "eval")).toEqual(plain);
    expect(run({ input: x, ...masks(1) }, "train")).not.toEqual(plain);
  });
  test("a gradient is taken through the masks that are known: a block whose output is left out learns nothing", () => {
    const target = { shape: [2, 2], data: Float64Array.of(1, 0, 0, 1) };
    const none = { shape: [2, 3, 6], data: new Float64Array(36) };
    const data: Arrays = { input: x, target, "dropout of blocks.1.conv2": none };
    const symbols = parameterInputs(model);
    const nets = Object.fromEntries(Object.entries(data).map(([name, { shape }]) => [name, input(name, shape)]));
    const seen = gradient().observe(model, parametersOf(model, symbols), nets);
    const found = interpret(graph({ ...symbols, ...nets }, seen), { ...parameterValues(params), ...data });
    for (const [name, { data: values }] of Object.entries(found)) {
      if (name.startsWith("blocks.1.")) expect(new Set(values.map(Math.abs)), name).toEqual(new Set([0]));
    }
    expect(found["head.bias"]!.data.every((value) => value !== 0)).toBe(true);
  });
});
