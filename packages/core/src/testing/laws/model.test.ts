import { expect, test } from "vitest";
import { rng } from "../../random.ts";
import { expectCaught } from "../mutants/expect-caught.ts";
import { modelMutants } from "../mutants/model.ts";
import { normalisedModel } from "../normalised-model.ts";
import { referenceModel } from "../reference-model.ts";
import { testModel } from "../test-model.ts";
import { modelLaws } from "./model.ts";

// 5 · 4 + 4 + 4 · 3 + 3 weights.
testModel(referenceModel, { parameters: 39 });
// Buffers do not count.
testModel(normalisedModel, { parameters: 39 });
testModel(normalisedModel, { parameters: 39, mode: "train", mixesSamples: true });

expectCaught(modelLaws, modelMutants, {});

test.each([
  ["mixes and does not say so", normalisedModel, { mode: "train" }],
  ["says so and does not mix", normalisedModel, { mode: "eval", mixesSamples: true }],
] as const)("a model that %s is caught", async (_what, make, options) => {
  const law = modelLaws.find(({ name }) => name.startsWith("equals its slow twin"))!;
  await expect(law.check(make, options, rng(1))).rejects.toMatchObject({ code: "law-broken" });
});
