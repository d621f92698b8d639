import type { Arrays } from "@recon/engine";
import { expect, test } from "vitest";
import { clipNorm, gaussianNoise, pruneMagnitude } from "../defences/index.ts";
import type { Problem } from "../problem.ts";
import { rng } from "../random.ts";
import { observeBatch } from "../testing/evaluate.ts";
import { type PlantedCaseOptions, plantCase } from "../testing/planted-case.ts";
import { referenceExecutor } from "../testing/reference-executor.ts";
import { referenceModel } from "../testing/reference-model.ts";
import type { CutLayerInputs } from "./cut-layer-claims.ts";
import { cutLayerInputs } from "./cut-layer-inputs.ts";
import { checkedCutLayers, claimedDistance, inputDistance } from "./fixtures/checked-cut-layers.ts";
import { drawnVictim } from "./fixtures/drawn-victim.ts";

const executor = referenceExecutor();
const model = referenceModel({ inputs: 8, hidden: 40 });

const attack = (problem: Problem, seed: number | string = 0, restarts = 12) =>
  cutLayerInputs(
    problem,
    { executor, rng: rng(seed), signal: new AbortController().signal },
    { weight: "w1", restarts },
  );

/** Weights as nets start with them, N(0, 1 / inputs). */
const weights = (seed: number | string): Arrays =>
  Object.fromEntries(
    Object.entries(model.init(rng(seed).split("weights"))).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data, (value) => value / Math.sqrt(shape[1] ?? 10)) },
    ]),
  );

const planted = (seed: number | string, options: PlantedCaseOptions = {}) =>
  plantCase(rng(seed), { model, batch: 3, params: weights(seed), known: { batchSize: 3 }, ...options });

test.each([1, 2, 3])("inputs come back to rounding, labels as told, seed %i", async (seed) => {
  const { problem, truth } = planted(seed, { labels: true });
  const found = (await attack(problem, seed)) as CutLayerInputs;
  expect(found.verdict, found.reason).toBe("recovered");
  expect(inputDistance(truth.input.data, found)).toBeLessThan(1e-9);
  expect(found.given).toContain("labels");
});

test.each([1, 2, 3, 4, 5])("six inputs and their labels, neither told, seed %i", async (seed) => {
  const { problem, truth } = planted(`neither ${seed}`, { batch: 6, known: { batchSize: 6 } });
  const found = (await attack(problem, seed)) as CutLayerInputs;
  expect(found.verdict, found.reason).toBe("recovered");
  expect(inputDistance(truth.input.data, found)).toBeLessThan(1e-9);
  const counts = (rows: ArrayLike<number>) =>
    [0, 1, 2].map((k) => Array.from(rows).filter((v, i) => v === 1 && i % 3 === k).length);
  expect(counts(found.target.data)).toEqual(counts(truth.target.data));
});

test("more samples than classes, in float32", async () => {
  const { problem, truth } = planted("float32", {
    labels: true,
    batch: 5,
    precision: "float32",
    known: { batchSize: 5 },
  });
  const found = (await attack(problem)) as CutLayerInputs;
  expect(found.residual, found.reason).toBeLessThan(1e-5);
  expect(inputDistance(truth.input.data, found)).toBeLessThan(1e-3);
});

test("two equal samples are found where they are, no nearer than it says", async () => {
  const { problem, truth } = planted("repeated", { labels: true });
  const twice = {
    input: { ...truth.input, data: Float64Array.from(truth.input.data).copyWithin(8, 0, 8) },
    target: { ...truth.target, data: Float64Array.from(truth.target.data).copyWithin(3, 0, 3) },
  };
  const observation: Arrays = observeBatch(problem.operator, model, problem.params, twice);
  const found = await attack({ ...problem, observation, knowledge: { ...problem.knowledge, labels: twice.target } });
  const error = inputDistance(twice.input.data, found as CutLayerInputs);
  // The gradient depends on how far they are apart by its square alone.
  expect(error).toBeLessThan(1e-4);
  expect(error).toBeGreaterThan(1e-12);
  expect(error).toBeLessThan(claimedDistance(found as CutLayerInputs));
});

test.each([
  ["clipping", clipNorm({ threshold: 1e-3 }), "scaled"],
  ["pruning", pruneMagnitude({ rate: 0.5 }), "part of the gradient"],
] as const)("behind %s it says what is lost", async (_, defence, word) => {
  const { problem } = planted("channel", { defences: [defence], labels: true });
  const found = await attack(problem);
  expect(found.verdict).toBe("not identifiable");
  expect(found.reason).toContain(word);
});

test("behind noise nothing is certified that the noise hides", async () => {
  const { problem, truth } = planted("noise", { defences: [gaussianNoise({ rel_noise: 0.01 })], labels: true });
  const found = await attack(problem);
  expect(found.verdict).not.toBe("recovered");
  if ("values" in found) expect(found.impliedError).toBeGreaterThan(1e-3);
  expect(truth.input.shape[0]).toBe(3);
});

test("a missing or mis-shaped gradient is named", async () => {
  const { problem } = planted("damaged", { labels: true });
  const { w1, ...others } = problem.observation;
  expect((await attack({ ...problem, observation: others })).reason).toContain("w1");
  const bad = { ...problem.observation, w1: { shape: [8, 40], data: w1!.data } };
  expect((await attack({ ...problem, observation: bad })).reason).toContain("[8, 40]");
});

test("an odd net without biases leaves the sign of every input open, and is not certified", async () => {
  const odd = drawnVictim(rng("cut layer 2642"), false);
  const found = await cutLayerInputs(
    odd.problem,
    { executor, rng: rng(1), signal: new AbortController().signal },
    { weight: "w0" },
  );
  expect(odd.about).toContain("tanh cross-entropy, biases 000");
  expect(found.reason).toContain("another multiple of an input");
  expect((found as CutLayerInputs).certificate.level).toBe("consistent");
});

test("no certificate of drawn victims is wrong", async () => {
  const { certified, wrong } = await checkedCutLayers(0, 80);
  expect(wrong).toEqual([]);
  expect(certified).toBeGreaterThan(0);
});
