import { linear, mean, mul, onnxruntime, square, sub } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import type { Item, Model } from "./problem.ts";
import { rng } from "./random.ts";
import { trainModel } from "./train-model.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

/** ŷ = a w x + b with the buffer a, under the mean squared error. */
const line: Model = {
  name: "line",
  options: {},
  parameters: { w: { shape: [1, 1] }, b: { shape: [1] } },
  buffers: { a: { shape: [1] } },
  input: { shape: [1] },
  target: { shape: [1], kind: "real" },
  lossKind: "mean-squared-error",
  init: (random) => ({
    w: { shape: [1, 1], data: Float32Array.of(random.split("w").normal()) },
    b: { shape: [1], data: Float32Array.of(random.split("b").normal()) },
    a: { shape: [1], data: Float32Array.of(2) },
  }),
  forward: (p, { input }) => linear(mul(input!, p.a!), p.w!, p.b!),
  loss: (output, { target }) => mean(square(sub(output, target!))),
};

/** Points of y = 3 x + 1. */
const points: readonly Item[] = Array.from({ length: 20 }, (_, i) => ({
  id: String(i),
  input: { shape: [1], data: Float64Array.of(i / 10 - 1) },
  target: { shape: [1], data: Float64Array.of((3 * i) / 10 - 2) },
}));
const options = { items: points, executor, rng: rng("train") };

test("ends at the least squares line, leaves buffers alone, and equal seeds give equal weights", async () => {
  const few = { ...options, steps: 600, batch: 10, rate: 0.05 };
  const weights = await trainModel(line, few);
  expect(weights.w!.data[0]).toBeCloseTo(1.5, 3);
  expect(weights.b!.data[0]).toBeCloseTo(1, 3);
  expect(weights.a!.data).toEqual(Float32Array.of(2));
  expect(await trainModel(line, few)).toEqual(weights);
  expect((await trainModel(line, { ...few, steps: 30, rng: rng("other") })).w).not.toEqual(
    (await trainModel(line, { ...few, steps: 30 })).w,
  );
});

test("no steps are the drawn weights; the first step of Adam moves every parameter by the learning rate", async () => {
  const drawn = line.init(options.rng.split("weights"));
  expect(await trainModel(line, { ...options, steps: 0 })).toEqual(drawn);
  const [first] = [await trainModel(line, { ...options, steps: 1, rate: 0.01 })];
  for (const name of ["w", "b"]) {
    expect(Math.abs(first![name]!.data[0]! - drawn[name]!.data[0]!)).toBeCloseTo(0.01, 6);
  }
});

test("what the model draws anew is drawn for every step", async () => {
  const drawn: number[] = [];
  const noisy: Model = {
    ...line,
    nuisances: {
      factor: {
        shape: [1],
        expected: 1,
        draw: (random, batch) => {
          const data = Float64Array.from({ length: batch }, () => random.uniform());
          drawn.push(data[0]!);
          return { shape: [batch, 1], data };
        },
      },
    },
    forward: (p, { input, factor }) => linear(mul(mul(input!, p.a!), factor!), p.w!, p.b!),
  };
  await trainModel(noisy, { ...options, steps: 4, batch: 5 });
  expect(new Set(drawn).size).toBe(4);
});

test("fewer items than a batch are all of them; impossible options, a rate that is too large and a signal", async () => {
  const three = { ...options, items: points.slice(0, 3), steps: 2 };
  expect(Object.keys(await trainModel(line, three)).sort()).toEqual(["a", "b", "w"]);
  for (const wrong of [{ items: [] }, { steps: -1 }, { steps: 1.5 }, { batch: 0 }, { rate: 0 }, { rate: Number.NaN }]) {
    await expect(trainModel(line, { ...three, ...wrong })).rejects.toMatchObject({ code: "bad-option" });
  }
  await expect(trainModel(line, { ...three, steps: 20, rate: 1e30 })).rejects.toMatchObject({ code: "training" });
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(trainModel(line, { ...three, signal })).rejects.toThrow("enough");
});
