import { type Attack, audit, defaultKnowledge, gradient, meanSquaredError, pruneMagnitude } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { digits } from "../data/digits.ts";
import { leNetZhu } from "../models/lenet-zhu.ts";
import { featureMatching } from "./feature-matching.ts";

// Any seed will do; RECON_TEST_SEED repeats one.
const seed = Number(process.env.RECON_TEST_SEED);
const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

/** Mean error of a message of two digits over that of a blind guess. */
async function shareLeft(attack: Attack, evaluations: number, rate: number): Promise<number> {
  const source = digits();
  let [left, guess] = [0, 0];
  const scenario = {
    id: "features",
    title: "",
    summary: "",
    model: leNetZhu({ activation: "tanh", width: 8, start: "usual" }, { input: [1, 28, 28], classes: 10 }),
    source: { ...source, domain: { ...source.domain, metrics: [meanSquaredError()], render: async () => [] } },
    batch: 2,
    operator: gradient(),
    defences: rate > 0 ? [pruneMagnitude({ rate })] : [],
    observationPrecision: "float32" as const,
    known: [...defaultKnowledge, "labels"],
    attacks: [attack],
    trials: 1,
    budget: { evaluations },
    onError: "skip" as const,
    audit: {},
  };
  for await (const event of audit([scenario], {
    executor,
    seed,
    signal: new AbortController().signal,
    diagnosis: false,
  })) {
    if (event.kind === "failure") throw new Error(event.record.error.message);
    if (event.kind !== "result") continue;
    left += event.record.metric.mse!;
    guess += event.record.floor.mse!;
  }
  return left / guess;
}

test(`an untrained net led by features comes close to both digits (RECON_TEST_SEED=${seed})`, {
  timeout: 60_000,
}, async () => {
  expect(await shareLeft(featureMatching(), 100, 0)).toBeLessThan(0.5);
});

test("works behind pruning, with and without each of its parts", { timeout: 60_000 }, async () => {
  for (const options of [{}, { features: 0 }, { tv: 0 }, { image: "free" as const }]) {
    expect(await shareLeft(featureMatching(options), 25, 0.5), JSON.stringify(options)).toBeLessThan(1);
  }
});

test("refuses options that it has not", () => {
  expect(() => featureMatching({ image: "drawn" as never })).toThrow(/image/);
  expect(() => featureMatching({ features: -1 })).toThrow(/features/);
});
