import { onnxruntime, relu } from "@recon/engine";
import { afterAll, describe, expect, test } from "vitest";
import { update } from "../operators/update.ts";
import type { Rng } from "../random.ts";
import { plantCase } from "../testing/planted-case.ts";
import { testAttack } from "../testing/test-attack.ts";
import { fedavg } from "./fedavg.ts";
import { attacked, farthest, observed, still, twoLayerNet } from "./fixtures/two-layer-update.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const model = twoLayerNet({ inputs: 12, hidden: 40, classes: 5, activation: relu });

test.each([
  ["five steps on all", { steps: 5, rate: 0.1 }],
  ["momentum and decay", { steps: 4, rate: 0.1, momentum: 0.9, weightDecay: 0.01 }],
  ["decoupled decay", { steps: 4, rate: 0.1, weightDecay: 0.05, decoupled: true }],
  ["mini-batches", { localBatch: 2, epochs: 2, rate: 0.1 }],
] as const)("recovers a batch and its labels from %s", { timeout: 120_000 }, async (_, options) => {
  const { problem, truth } = observed(model, 3, options, 3);
  const solution = await attacked(executor, problem);
  expect(solution).toMatchObject({ verdict: "recovered", certificate: { level: "exact" } });
  expect(solution.residual).toBeLessThan(1e-10);
  expect(farthest(solution, truth.input)).toBeLessThan(1e-9);
});

const known = { batchSize: 2, localSteps: true, localLr: true };
const small = { model, batch: 2, known };
const reference = (random: Rng) => plantCase(random, { ...small, operator: update({ steps: 2, rate: 0.1 }) });

describe("laws", () => {
  testAttack(fedavg, {
    reference,
    tolerance: 1e-8,
    refused: (random) => plantCase(random, small).problem,
    unidentifiable: (random) => still(reference(random).problem),
    evaluations: 5000,
    runs: 1,
    timeoutMs: 120_000,
  });
});
