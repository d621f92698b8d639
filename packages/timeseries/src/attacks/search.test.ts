import { type Attack, applicable, clipNorm, type Problem, type Rng, rng } from "@recon/core";
import { plantCase, testAttack } from "@recon/core/testing";
import { onnxruntime } from "@recon/engine";
import { afterAll, describe, expect, test } from "vitest";
import { usBirths } from "../data/us-births.ts";
import { fcn } from "../models/fcn.ts";
import { tcn } from "../models/tcn.ts";
import { dia } from "./dia.ts";
import { dlg } from "./dlg.ts";
import { audited } from "./fixtures/audited.ts";
import { invertingGradients } from "./inverting-gradients.ts";
import { tsInverse } from "./ts-inverse.ts";

// Any seed will do; RECON_TEST_SEED repeats one.
const seed = Number(process.env.RECON_TEST_SEED);
const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const source = usBirths();

async function errors(attack: Attack, evaluations: number): Promise<{ x: number; y: number; floor: number }> {
  const options = { source, model: (shape: Parameters<typeof fcn>[1]) => fcn({}, shape), executor, seed };
  const [result] = await audited({ ...options, attack, evaluations });
  return { x: result!.metric.rmse_x!, y: result!.metric.rmse_y!, floor: result!.floor.rmse_x! };
}

describe(`searches on windows of births (RECON_TEST_SEED=${seed})`, () => {
  test("by L-BFGS, inputs and targets together", async () => {
    const { x, y } = await errors(dlg(), 500);
    expect(x).toBeLessThan(1e-3);
    expect(y).toBeLessThan(1e-5);
  });

  test("by TS-Inverse, whose penalties do not move what the L1 distance determines", async () => {
    const { x, y } = await errors(tsInverse(), 1000);
    expect(x).toBeLessThan(1e-3);
    expect(y).toBeLessThan(1e-4);
    const heavy = await errors(tsInverse({ periodicity: 1e3, trend: 1e3 }), 200);
    expect(heavy.x).toBeGreaterThan(10 * x);
  });

  test("by cosine, with the target read off the head first", async () => {
    for (const attack of [invertingGradients(), dia()]) {
      const { x, y, floor } = await errors(attack, 500);
      expect(y, attack.name).toBeLessThan(1e-5);
      expect(x, attack.name).toBeLessThan(floor / 3);
    }
  });

  test("dropout masks are searched for within what is drawn", { timeout: 60_000 }, async () => {
    const model = (shape: Parameters<typeof tcn>[1]) => tcn({ hidden: 8, layers: 2, dropout: 0.2 }, shape);
    const [result] = await audited({ source, model, attack: tsInverse(), executor, seed, evaluations: 60 });
    expect(result!.metric.rmse_x).toBeLessThan(1);
    expect(["budget spent", "partial"]).toContain(result!.verdict);
  });
});

describe("refusals", () => {
  const batch = (stream: Rng): Problem =>
    plantCase(stream, { model: small(), batch: 2, known: { batchSize: 2 } }).problem;
  const clipped = (stream: Rng): Problem =>
    plantCase(stream, { model: small(), defences: [clipNorm({ threshold: 1e-3 })], known: { batchSize: 1 } }).problem;

  test("a cosine loss does not search for real targets, and runs where they are told", () => {
    for (const attack of [invertingGradients(), dia()]) {
      for (const problem of [batch(rng(seed)), clipped(rng(seed))]) {
        const answer = applicable(attack, problem);
        expect(answer, attack.name).toMatchObject({ reason: expect.stringMatching(/does not see the scale/) });
        const told = {
          ...problem,
          knowledge: { ...problem.knowledge, labels: { shape: [2, 4], data: new Float64Array(8) } },
        };
        expect(applicable(attack, told)).toBe(true);
      }
    }
  });

  test("options that are none", () => {
    expect(() => dlg({ optimiser: "sgd" as never })).toThrow(/optimiser/);
    expect(() => dia({ tv: -1 })).toThrow(/tv/);
    expect(() => tsInverse({ periodicity: -1 })).toThrow(/periodicity/);
    expect(() => invertingGradients({ rate: 0 })).toThrow(/rate/);
  });
});

function small() {
  return fcn({ hidden: 8, layers: 1 }, { input: [6, 1], classes: 4 });
}

const reference = (stream: Rng) => plantCase(stream, { model: small(), known: { batchSize: 1 } });
const laws = { reference, executor: () => onnxruntime({ threads: 1 }), runs: 1 };
testAttack(() => dlg({ restarts: 2 }), { ...laws, tolerance: 0.05, evaluations: 600 });
testAttack(() => tsInverse({ rate: 0.03 }), { ...laws, tolerance: 0.1, evaluations: 1200 });
