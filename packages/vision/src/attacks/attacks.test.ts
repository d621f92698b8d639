import {
  type Attack,
  audit,
  automatic,
  type Defence,
  gaussianNoise,
  gradient,
  type Model,
  type ResultRecord,
} from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { photographs } from "../data/photographs.ts";
import { leNetZhu } from "../models/lenet-zhu.ts";
import { mlp } from "../models/mlp.ts";
import { auto } from "./auto.ts";

const executor = onnxruntime();
const known = [
  "architecture",
  "weights",
  "lossKind",
  "lossReduction",
  "batchSize",
  "inputRange",
  "defenceKind",
  "defenceParams",
];

async function run(
  model: Model,
  attack: Attack,
  defences: Defence[] = [],
  trials = 2,
  evaluations = 1500,
): Promise<ResultRecord[]> {
  const scenario = {
    id: "s",
    title: "",
    summary: "",
    model,
    source: photographs({}),
    batch: 1,
    operator: gradient(),
    defences,
    observationPrecision: "float32" as const,
    known,
    attacks: [attack],
    trials,
    budget: { evaluations },
    onError: "skip" as const,
    audit: {},
  };
  const results: ResultRecord[] = [];
  for await (const event of audit([scenario], { executor, seed: 1, signal: new AbortController().signal })) {
    if (event.kind === "failure") throw new Error(JSON.stringify(event.record));
    if (event.kind === "result") {
      results.push({ ...event.record, pictures: [] });
      const r = event.record;
      console.log(
        r.item,
        r.attack,
        r.metric,
        r.floor,
        r.certificate,
        r.verdict,
        r.residual,
        r.seconds.toFixed(2),
        r.reason,
        "|",
        r.chosen,
      );
    }
  }
  return results;
}

const data = { input: [3, 32, 32], classes: 10 };
describe("thin path", () => {
  test("mlp", async () => {
    await run(mlp({ sizes: [3072, 1024, 1024, 10] }, data), auto());
  }, 60000);
  test("lenet", async () => {
    await run(leNetZhu({}, data), auto());
  }, 60000);
  test("noise", async () => {
    await run(leNetZhu({}, data), auto(), [gaussianNoise({ rel_noise: 0.1 })]);
  }, 60000);
});
