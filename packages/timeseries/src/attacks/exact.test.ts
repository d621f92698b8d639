import { analytic, gaussianNoise, layerRecursion, localTrainingKnowledge, spanIntersection, update } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { afterAll, describe, expect, test } from "vitest";
import { sensorNetwork } from "../data/sensor-network.ts";
import { usBirths } from "../data/us-births.ts";
import { cnn } from "../models/cnn.ts";
import { fcn } from "../models/fcn.ts";
import type { ForecastShape } from "../models/forecaster.ts";
import { gru } from "../models/gru.ts";
import { studentProcess } from "../priors/gaussian-process/student-process.ts";
import { auto } from "./auto.ts";
import { type Audited, type AuditedResult, audited } from "./fixtures/audited.ts";

// Any seed will do; RECON_TEST_SEED repeats one.
const seed = Number(process.env.RECON_TEST_SEED);
const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const sources = [sensorNetwork(), usBirths()];

function run(options: Omit<Audited, "executor" | "seed" | "source">, source = sources[1]!): Promise<AuditedResult[]> {
  return audited({ ...options, source, executor, seed });
}

const worst = (results: readonly AuditedResult[], metric: string): number =>
  Math.max(...results.map((result) => result.metric[metric]!));

describe(`what can be solved (RECON_TEST_SEED=${seed})`, () => {
  test("a fully connected forecaster gives input and target away: 1e-5 from float32, 1e-10 from float64", async () => {
    for (const source of sources) {
      for (const [precision, most] of [
        ["float32", 1e-5],
        ["float64", 1e-10],
      ] as const) {
        const results = await run(
          { model: (shape) => fcn({}, shape), attack: analytic(), precision, trials: 3 },
          source,
        );
        expect(worst(results, "rmse_x"), source.name).toBeLessThan(most);
        expect(worst(results, "rmse_y"), source.name).toBeLessThan(most);
        expect(results.map((result) => result.certificate)).toEqual(["exact", "exact", "exact"]);
      }
    }
  });

  test("so does a convolutional one, layer by layer", { timeout: 120_000 }, async () => {
    for (const source of sources) {
      const results = await run({ model: (shape) => cnn({}, shape), attack: layerRecursion() }, source);
      expect(worst(results, "rmse_x"), source.name).toBeLessThan(1e-3);
      expect(worst(results, "rmse_y"), source.name).toBeLessThan(1e-5);
      expect(results[0]!.certificate).toBe("exact");
    }
  });

  test("a batch of four out of a fully connected one, nobody telling the targets", { timeout: 120_000 }, async () => {
    const from = (precision: "float32" | "float64") =>
      run({ model: (shape) => fcn({}, shape), attack: spanIntersection(), batch: 4, precision });
    const double = await from("float64");
    expect(worst(double, "rmse_x")).toBeLessThan(1e-9);
    expect(worst(double, "rmse_y")).toBeLessThan(1e-8);
    const single = await from("float32");
    expect(single).toHaveLength(4);
    expect(worst(single, "rmse_x")).toBeLessThan(1e-3);
  });

  test("auto takes what can be solved, and searches where nothing can", { timeout: 120_000 }, async () => {
    const solved = await run({ model: (shape) => fcn({}, shape), attack: auto() });
    expect(solved[0]!.chosen).toMatch(/analytic recovered the data/);
    const searched = await run({ model: (shape) => gru({ hidden: 8 }, shape), attack: auto(), evaluations: 6 });
    expect(searched[0]!.chosen).toMatch(/gauss-newton: /);
    // The target is read off the head of any net.
    expect(worst(searched, "rmse_y")).toBeLessThan(1e-5);
    expect(searched[0]!.certificate).not.toBe("exact");
  });

  test("auto takes a prior with heavy tails where noise is told, and its Gaussian process for least squares", {
    timeout: 120_000,
  }, async () => {
    const priors = [studentProcess({ fitted_to: "us-births" })];
    const searched = await run({ model: (shape) => gru({ hidden: 8 }, shape), attack: auto(priors), evaluations: 6 });
    expect(searched[0]!.chosen).toMatch(/gauss-newton: /);
    const behindNoise = { model: (shape: ForecastShape) => fcn({ layers: 1 }, shape), batch: 2, evaluations: 3000 };
    const defences = [gaussianNoise({ rel_noise: 0.3 })];
    const [heavy, plain] = [
      await run({ ...behindNoise, defences, attack: auto(priors) }),
      await run({ ...behindNoise, defences, attack: auto() }),
    ];
    expect(heavy[0]!.chosen).toMatch(/maximum-a-posteriori: /);
    // Targets gain most: the process knows that they go on from the inputs.
    const targets = (results: readonly AuditedResult[]): number =>
      results.reduce((total, { metric }) => total + metric.rmse_y!, 0);
    expect(targets(heavy)).toBeLessThan(0.9 * targets(plain));
  });

  test("auto goes through the steps of local training", {
    timeout: 120_000,
  }, async () => {
    const operator = update({ steps: 3, rate: 0.1 });
    const options = { attack: auto(), operator, told: localTrainingKnowledge, precision: "float64" as const };
    const solved = await run({ model: (shape) => fcn({ hidden: 24, layers: 1 }, shape), ...options });
    expect(solved[0]!.chosen).toMatch(/fedavg recovered the data/);
    expect(worst(solved, "rmse_x")).toBeLessThan(1e-6);
    expect(worst(solved, "rmse_y")).toBeLessThan(1e-6);
  });
});
