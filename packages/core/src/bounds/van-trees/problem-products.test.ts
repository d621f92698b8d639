import { onnxruntime } from "@recon/engine";
import { afterAll, describe, expect, test } from "vitest";
import { gaussianNoise } from "../../defences/channel/noise.ts";
import { rng } from "../../random.ts";
import { observeBatch } from "../../testing/evaluate.ts";
import { normalisedModel } from "../../testing/normalised-model.ts";
import { plantCase } from "../../testing/planted-case.ts";
import { referenceModel } from "../../testing/reference-model.ts";
import { mixesRecords } from "../accounting/mixes-records.ts";
import { leakMap } from "./leak-map.ts";
import { problemProducts } from "./problem-products.ts";
import { probedTraceBound } from "./trace-bound.ts";

const executor = onnxruntime();
afterAll(() => executor.dispose());

describe("products of a problem", () => {
  const std = 0.05;
  const { problem, truth } = plantCase(rng(5), { batch: 2, defences: [gaussianNoise({ std })] });

  test("agree with finite differences of the observation, forwards and backwards", async () => {
    const products = await problemProducts(problem, executor, truth.target);
    const random = rng(6);
    const x = Float64Array.from(truth.input.data);
    const v = x.map(() => random.normal());
    const flat = (step: number): number[] => {
      const input = { shape: truth.input.shape, data: x.map((value, i) => value + step * v[i]!) };
      const seen = observeBatch(problem.operator, problem.model, problem.params, { input, target: truth.target });
      return Object.values(seen).flatMap(({ data }) => Array.from(data));
    };
    const [up, down] = [flat(1e-5), flat(-1e-5)];
    const product = await products.forward(x, v);
    expect([product.length, products.inputs, products.outputs]).toEqual([up.length, x.length, up.length]);
    product.forEach((value, k) => {
      expect(value).toBeCloseTo((up[k]! - down[k]!) / 2e-5, 7);
    });
    const c = product.map(() => random.normal());
    const back = await products.backward(x, c);
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    expect(dot(c, product)).toBeCloseTo(dot(back, v), 10);
    expect(products.noiseStd).toBe(std);
    expect(products.visibleMask.every((value) => value === 1)).toBe(true);
    await products.dispose();
  });

  test("feed the bounds, which rise with the noise", async () => {
    const products = await problemProducts(problem, executor, truth.target);
    const random = rng(7);
    const points = Array.from({ length: 20 }, () =>
      Float64Array.from({ length: products.inputs }, () => random.normal()),
    );
    const of = (noiseStd: number) => ({ products, noise: { std: noiseStd }, points, probes: 2, rng: rng(8) });
    const [quiet, loud] = [await probedTraceBound(of(products.noiseStd), 1), await probedTraceBound(of(100), 1)];
    expect(quiet.value).toBeGreaterThan(0);
    expect(quiet.value).toBeLessThan(loud.value);
    // Loud noise leaves the prior: D / ι = 10.
    expect(loud.value).toBeCloseTo(products.inputs, 1);
    const map = await leakMap(of(products.noiseStd), 1);
    expect(map.information.every((value) => value > 0)).toBe(true);
    await products.dispose();
  });

  test("refuse targets that do not fit", async () => {
    const target = { shape: [2, 7], data: new Float64Array(14) };
    await expect(problemProducts(problem, executor, target)).rejects.toThrow(/do not fit the model's/);
  });
});

test("batch normalisation mixes records and plain layers do not", async () => {
  for (const [model, mixes] of [
    [referenceModel(), false],
    [normalisedModel(), true],
  ] as const) {
    expect(await mixesRecords(model, model.init(rng(1)), executor, rng(2))).toBe(mixes);
  }
});
