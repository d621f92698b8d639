import { add, mul, onnxruntime, square, type Tensor, tanh } from "@recon/engine";
import { afterAll, describe, expect, test, vi } from "vitest";
import { executorProduct } from "../../linear-algebra/multiply.ts";
import { rng } from "../../random.ts";
import { batchError } from "./fixtures/batch-error.ts";
import { type PlantedBlockOptions, plantedBlock } from "./fixtures/planted-block.ts";
import { type TensorStartOptions, tensorStart } from "./tensor-start.ts";
import { twoLayerTensor } from "./two-layer-tensor.ts";

vi.setConfig({ testTimeout: 600_000 });

const executor = onnxruntime();
const { product, dispose } = executorProduct(executor);
afterAll(dispose);

type Victim = Omit<PlantedBlockOptions, "seed" | "executor">;
type Method = Pick<TensorStartOptions, "span" | "source">;

const cubic = (z: Tensor): Tensor => add(square(z), mul(z, square(z)));
const paperSpan = (order: 2 | 3): Method => ({ span: order, source: "weight" });
const exactSpan: Method = { span: "exact", source: "weight" };

async function medianError(victim: Victim, method: Method, draws = 5): Promise<number> {
  const errors: number[] = [];
  for (let seed = 1; seed <= draws; seed++) {
    const { block, truth } = await plantedBlock({ ...victim, seed, executor });
    const start = await tensorStart(block, { ...method, batchSize: victim.batch, product, rng: rng(seed) });
    errors.push(batchError(start!, truth, { sign: true }));
  }
  return errors.sort((a, b) => a - b)[Math.floor(draws / 2)]!;
}

/** Slope of log error against log x by least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (k: 0 | 1): number => logs.reduce((sum, pair) => sum + pair[k], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const covariance = logs.reduce((sum, pair) => sum + (pair[0] - x) * (pair[1] - y), 0);
  return covariance / logs.reduce((sum, pair) => sum + (pair[0] - x) ** 2, 0);
}

describe("errors of the tensor before any polish, within a factor of two of published reproductions", () => {
  const paper = { batch: 2, hidden: 5000 };
  test.each<readonly [string, Victim, Method, number]>([
    [
      "x² + x³, output gradient, d = 10",
      { ...paper, activation: cubic, inputs: 10, lift: 30 },
      { span: 2, source: "output" },
      0.251,
    ],
    [
      "x² + x³, output gradient, d = 100",
      { ...paper, activation: cubic, inputs: 100, lift: 30 },
      { span: 2, source: "output" },
      0.67,
    ],
    ["x² + x³, first layer, d = 10", { ...paper, activation: cubic, inputs: 10, lift: 30 }, paperSpan(2), 0.052],
    ["x² + x³, first layer, d = 100", { ...paper, activation: cubic, inputs: 100, lift: 30 }, paperSpan(2), 0.188],
    ["tanh, span of order 3, d = 50", { ...paper, activation: tanh, inputs: 50 }, paperSpan(3), 0.156],
    ["tanh, span of order 3, d = 200", { ...paper, activation: tanh, inputs: 200 }, paperSpan(3), 0.303],
    ["tanh, exact span, d = 50", { ...paper, activation: tanh, inputs: 50 }, exactSpan, 0.014],
    ["tanh, B = 4, m = 2000, exact span", { activation: tanh, batch: 4, inputs: 50, hidden: 2000 }, exactSpan, 0.045],
    [
      "tanh, B = 4, m = 2000, exact span, output gradient",
      { activation: tanh, batch: 4, inputs: 50, hidden: 2000 },
      { span: "exact", source: "output" },
      0.264,
    ],
    ["tanh, B = 8, m = 5000, exact span", { activation: tanh, batch: 8, inputs: 50, hidden: 5000 }, exactSpan, 0.036],
  ])("%s", async (_name, victim, method, expected) => {
    const error = await medianError(victim, method);
    expect(error).toBeGreaterThan(expected / 2);
    expect(error).toBeLessThan(expected * 2);
  });

  test("fall as m^-0.5 with the paper's span and, more scattered, with the exact one", async () => {
    for (const [method, tolerance] of [
      [paperSpan(3), 0.1],
      [exactSpan, 0.15],
    ] as const) {
      const points: [number, number][] = [];
      for (const hidden of [2000, 4000, 8000, 16_000]) {
        points.push([hidden, await medianError({ activation: tanh, batch: 4, inputs: 50, hidden }, method, 9)]);
      }
      expect(Math.abs(slope(points) + 0.5)).toBeLessThan(tolerance);
    }
  });

  test("grow as d^0.5 with the paper's span and do not depend on d with the exact one", async () => {
    const slopes: number[] = [];
    for (const method of [paperSpan(2), exactSpan]) {
      const points: [number, number][] = [];
      for (const inputs of [25, 50, 100, 200, 400]) {
        points.push([
          inputs,
          await medianError({ activation: cubic, batch: 2, inputs, hidden: 4000, lift: 3 }, method, 9),
        ]);
      }
      slopes.push(slope(points));
    }
    expect(Math.abs(slopes[0]! - 0.5)).toBeLessThan(0.1);
    expect(Math.abs(slopes[1]!)).toBeLessThan(0.15);
  });
});

test.each<readonly [number, number, number]>([
  [2, 50, 1000],
  [8, 200, 5000],
  [16, 100, 2000],
  [24, 100, 4000],
])("the polish ends at rounding: tanh, B = %i, d = %i, m = %i", async (batch, inputs, hidden) => {
  for (const seed of [1, 2]) {
    const { block, truth } = await plantedBlock({ activation: tanh, batch, inputs, hidden, seed, executor });
    const found = await twoLayerTensor(block, { precision: "float64", product, rng: rng(seed) });
    expect(batchError(found.value!.inputs, truth, { sign: true })).toBeLessThan(1e-12);
  }
});
