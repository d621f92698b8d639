import { onnxruntime } from "@recon/engine";
import { afterAll, describe, expect, it } from "vitest";
import { executorProduct } from "../../linear-algebra/multiply.ts";
import { cnn6, decibels, leNetZhu } from "./fixtures/conv-net.ts";
import { recursionTrial as trial } from "./fixtures/recursion-trial.ts";
import { recursion } from "./recursion.ts";

const executor = onnxruntime();
const compiled = executorProduct(executor);
afterAll(async () => {
  await compiled.dispose();
  await executor.dispose();
});

describe("recursion on the reference nets", () => {
  it.each([
    [0, false, 200],
    [1, false, 200],
    [0, true, 100],
    [1, true, 100],
  ] as const)("LeNet-Zhu, seed %i, float32 %s: above %i dB", async (seed, float32, least) => {
    const { layers, x, parameters } = trial(leNetZhu, seed, float32);
    expect(parameters).toBe(15_826);
    const { value, residual } = await recursion(layers, { product: compiled.product });
    expect(decibels(value!.input.data, x)).toBeGreaterThan(least);
    const estimated = -20 * Math.log10(value!.deviation);
    expect(Math.abs(decibels(value!.input.data, x) - estimated)).toBeLessThan(10);
    expect(residual).toBeLessThan(float32 ? 1e-5 : 1e-13);
    expect(value!.input.shape).toEqual([3, 32, 32]);
    expect(value!.layers.map((layer) => layer.rankIndex)).toEqual([1, 1, 1, 1]);
  });

  it("LeNet-Zhu, fitted to all gradients at once: closer than without", { timeout: 300_000 }, async () => {
    const { layers, x } = trial(leNetZhu, 1, true);
    const plain = await recursion(layers, { product: compiled.product, accuracy: Number.POSITIVE_INFINITY });
    const polished = await recursion(layers, { product: compiled.product, accuracy: 0 });
    expect(decibels(polished.value!.input.data, x) - decibels(plain.value!.input.data, x)).toBeGreaterThan(5);
    expect(polished.reason).toMatch(/Fitted to all gradients at once/);
  });

  it("CNN6 from a float32 gradient: above 100 dB", { timeout: 300_000 }, async () => {
    const { layers, x, parameters } = trial(cnn6, 2, true);
    expect(parameters).toBe(154_266);
    const { value } = await recursion(layers, { product: compiled.product });
    expect(decibels(value!.input.data, x)).toBeGreaterThan(100);
  });
});
