import { expect, test } from "vitest";
import { gaussianNoise } from "../defences/channel/noise.ts";
import { pruneMagnitude } from "../defences/channel/prune-magnitude.ts";
import { dpSgd } from "../defences/dp-sgd.ts";
import { clipPerSample } from "../defences/operator/clip-per-sample.ts";
import { privacyOf } from "../defences/privacy.ts";
import type { Defence } from "../problem.ts";
import { referenceModel } from "../testing/index.ts";
import type { DefenceFamily } from "./evaluate-defences.ts";
import { accountedTraining, noiseForEpsilons } from "./noise-for-epsilon.ts";

const model = referenceModel({ inputs: 4, hidden: 5, classes: 3 });
const training = { budget: { steps: 200, batch: 8 }, rates: [0.1], seeds: 1, train: 2000, test: 100 };
const family = (
  at: (strength: number, batch: number) => readonly Defence[],
  epsilons: readonly number[],
): DefenceFamily => ({
  name: "tried",
  parameter: "noise_multiplier",
  strengths: [1],
  at,
  epsilons,
});
const private_ = (noise_multiplier: number, batch: number) => [dpSgd({ clip: 1, noise_multiplier, batch })];

test("the noise that is chosen guarantees each epsilon, and less would not", () => {
  const epsilons = [1, 8, 50, 1000];
  const chosen = noiseForEpsilons(family(private_, epsilons), model, training);
  chosen.forEach((multiplier, k) => {
    const at = (factor: number) => privacyOf(private_(factor * multiplier, 8), model, accountedTraining(training));
    expect(at(1)).toMatchObject({ delta: 5e-5 });
    expect((at(1) as { epsilon: number }).epsilon).toBeLessThanOrEqual(epsilons[k]!);
    expect((at(0.99) as { epsilon: number }).epsilon).toBeGreaterThan(epsilons[k]!);
  });
});

test.each([
  ["an epsilon that no noise reaches", private_, [1e-4], "epsilon-not-reachable", /No noise reaches epsilon 0.0001/],
  [
    "noise without clipping",
    (std: number) => [gaussianNoise({ std })],
    [1],
    "not-covered",
    /Noise without clipping has no epsilon/,
  ],
  [
    "noise before clipping",
    (std: number) => [gaussianNoise({ std }), clipPerSample({ threshold: 1 })],
    [1],
    "not-covered",
    /noise is added before clipping/,
  ],
  [
    "pruning between clipping and noise",
    (std: number) => [clipPerSample({ threshold: 1 }), pruneMagnitude({ rate: 0.5 }), gaussianNoise({ std })],
    [1],
    "not-covered",
    /lies between clipping and noise/,
  ],
  [
    "a swept option that is not the noise multiplier",
    (clip: number, batch: number) => [dpSgd({ clip, noise_multiplier: 2, batch })],
    [1],
    "bad-option",
    /is not it/,
  ],
])("refuses %s", (_, at, epsilons, code, message) => {
  expect(() => noiseForEpsilons(family(at, epsilons), model, training)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  );
});

test("a model that mixes records has no epsilon under DP-SGD", () => {
  const mixing = { ...model, buffers: { mean: { shape: [5] } } };
  expect(() => noiseForEpsilons(family(private_, [8]), mixing, training)).toThrow(/batch normalisation/);
});

test.each([
  ["a clip bound of zero", () => dpSgd({ clip: 0, noise_multiplier: 1, batch: 1 }), /"clip".*above 0/],
  ["noise without a scale", () => gaussianNoise({} as never), /exactly one of the options "std" and "rel_noise"/],
])("refuses %s", (_, make, message) => {
  expect(make).toThrow(message);
});
