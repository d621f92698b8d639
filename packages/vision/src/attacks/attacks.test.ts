import {
  type Attack,
  analytic,
  audit,
  type Defence,
  gaussianNoise,
  gradient,
  layerRecursion,
  type Model,
  type ResultRecord,
  type Scenario,
} from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { afterAll, describe, expect, test } from "vitest";
import { photographs } from "../data/photographs.ts";
import { cnn6 } from "../models/cnn6.ts";
import { leNetZhu } from "../models/lenet-zhu.ts";
import { mlp } from "../models/mlp.ts";
import { auto } from "./auto.ts";
import { idlg } from "./dlg.ts";
import { generatorSearch } from "./generator-search.ts";
import { invertingGradients } from "./inverting-gradients.ts";
import { maximumAPosteriori } from "./maximum-a-posteriori.ts";

// Any seed will do; RECON_TEST_SEED repeats one.
const seed = Number(process.env.RECON_TEST_SEED);
const executor = onnxruntime();
afterAll(() => executor.dispose());

const data = { input: [3, 32, 32], classes: 10 };
const lenet = leNetZhu({}, data);
const known = ["architecture", "weights", "lossKind", "lossReduction", "batchSize", "defenceKind", "defenceParams"];

interface Trials {
  readonly model: Model;
  readonly attack: Attack;
  readonly defences?: readonly Defence[];
  readonly trials?: number;
  readonly evaluations?: number;
  readonly batch?: number;
  readonly precision?: "float32" | "float64";
  readonly seed?: number;
}

type Result = Omit<ResultRecord, "pictures">;

async function run(options: Trials): Promise<{ results: Result[]; failures: string[] }> {
  const scenario: Scenario = {
    id: "test",
    title: "",
    summary: "",
    model: options.model,
    source: photographs({ size: 32 }),
    batch: options.batch ?? 1,
    operator: gradient(),
    defences: options.defences ?? [],
    observationPrecision: options.precision ?? "float32",
    known,
    attacks: [options.attack],
    trials: options.trials ?? 1,
    budget: { evaluations: options.evaluations ?? 10 },
    onError: "refuse",
    audit: {},
  };
  const results: Result[] = [];
  const failures: string[] = [];
  const signal = new AbortController().signal;
  for await (const event of audit([scenario], { executor, seed: options.seed ?? seed, signal })) {
    if (event.kind === "failure") failures.push(event.record.error.message);
    if (event.kind === "result") results.push(event.record);
  }
  return { results, failures };
}

const psnr = (result: Result): number => result.metric.psnr_db!;
const gain = (result: Result): number => psnr(result) - result.floor.psnr_db!;

describe(`attacks on photographs (RECON_TEST_SEED=${seed})`, () => {
  test("analytic: one photograph out of a fully connected net, at least 100 dB, certified", async () => {
    const { results } = await run({
      model: mlp({ sizes: [3072, 256, 10] }, data),
      attack: analytic(),
      trials: 3,
    });
    expect(results).toHaveLength(3);
    for (const result of results) {
      expect(psnr(result)).toBeGreaterThan(100);
      expect(result.certificate).toBe("exact");
      expect(result.verdict).toBe("recovered");
    }
  });

  test("recursion: LeNet at least 100 dB from float32 and 200 dB from float64, certified", {
    timeout: 120_000,
  }, async () => {
    const single = await run({ model: lenet, attack: layerRecursion(), trials: 2 });
    const double = await run({ model: lenet, attack: layerRecursion(), precision: "float64" });
    expect(single.results.map((result) => result.certificate)).toEqual(["exact", "exact"]);
    expect(Math.min(...single.results.map(psnr))).toBeGreaterThan(100);
    expect(psnr(double.results[0]!)).toBeGreaterThan(200);
  });

  test("recursion: CNN6 with leaky ReLU, at least 100 dB", { timeout: 120_000 }, async () => {
    const { results } = await run({ model: cnn6({}, data), attack: layerRecursion() });
    expect(psnr(results[0]!)).toBeGreaterThan(100);
    expect(results[0]!.certificate).toBe("exact");
  });

  test("auto: refuses what does not apply, says so, and finishes with the closed form", async () => {
    const { results } = await run({ model: mlp({ sizes: [3072, 64, 10] }, data), attack: auto() });
    expect(results[0]!.chosen).toMatch(/analytic recovered the data/);
    const batch = await run({ model: lenet, attack: auto(), batch: 2, evaluations: 20 });
    expect(batch.results[0]!.chosen).toMatch(
      /recursion was not tried: it solves for one sample, and the batch holds 2/,
    );
    expect(batch.results.map((result) => result.certificate)).not.toContain("exact");
  });

  test("behind noise: the likelihood with total variation beats the floor, and nothing is certified", {
    timeout: 180_000,
  }, async () => {
    const { results } = await run({
      model: lenet,
      attack: auto(),
      defences: [gaussianNoise({ rel_noise: 0.1 })],
      evaluations: 1500,
      trials: 3,
    });
    // A flat photograph has a high floor and a single search may fail, so the middle gain is judged.
    expect(results.map(gain).sort((a, b) => a - b)[1]).toBeGreaterThan(3);
    for (const result of results) {
      expect(result.chosen).toMatch(/recursion was not tried: noise of/);
      expect(["none", "consistent"]).toContain(result.certificate);
      expect(result.verdict).not.toBe("recovered");
    }
  });

  test("searches beat the floor within a small budget", { timeout: 180_000 }, async () => {
    for (const [attack, evaluations] of [
      [idlg({ restarts: 1 }), 900],
      [invertingGradients(), 600],
      [generatorSearch(), 900],
    ] as const) {
      const { results } = await run({ model: lenet, attack, evaluations });
      expect(gain(results[0]!), attack.name).toBeGreaterThan(0);
      expect(results[0]!.evaluations).toBeLessThanOrEqual(evaluations);
      expect(results[0]!.trace.length, attack.name).toBeGreaterThan(10);
    }
  });

  test("an attack that does not apply is a failure with its reason", async () => {
    const { failures } = await run({ model: lenet, attack: maximumAPosteriori() });
    expect(failures).toEqual(["map does not apply here: the channel states no likelihood."]);
  });

  test("equal seeds give equal results, apart from times", { timeout: 60_000 }, async () => {
    const untimed = async (): Promise<unknown> =>
      (await run({ model: lenet, attack: invertingGradients(), evaluations: 30, seed: 3 })).results.map(
        ({ seconds: _, ...rest }) => rest,
      );
    expect(await untimed()).toEqual(await untimed());
  });
});
