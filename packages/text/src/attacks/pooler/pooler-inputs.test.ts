import { type AttackContext, assign, layerInputValues, matrix, type Problem, rng } from "@recon/core";
import { type NdArray, onnxruntime } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import type { TextDomain } from "../../domain.ts";
import { observedTexts, plainDomain } from "../../fixtures/observed-texts.ts";
import { batchOfIds } from "../../ids.ts";
import { bert } from "../../models/bert.ts";
import { gpt } from "../../models/gpt.ts";
import { widenedPooler } from "../../models/widened-pooler.ts";
import { madeUpInputs } from "./made-up-inputs.ts";
import { type PoolerInputs, poolerInputs } from "./pooler-inputs.ts";
import { outlookSentence, poolerOutlook } from "./pooler-outlook.ts";

const executor = onnxruntime();
afterAll(() => executor.dispose());
const domain: TextDomain = plainDomain(40, 12);
const data = { input: [12], classes: 2, domain };
const size = { layers: 1, width: 48, heads: 2, hidden: 48, positions: 12, std: 0.15 };
const texts = [
  [0, 9, 17, 30, 5, 1],
  [0, 12, 22, 1],
  [0, 33, 8, 8, 40, 11, 1],
  [0, 7, 28, 19, 1],
];

const context = (seed: number | string): Pick<AttackContext, "executor" | "rng" | "signal"> => ({
  executor,
  rng: rng(seed),
  signal: new AbortController().signal,
});

/** ‖X̂ − X‖ / ‖X‖ under the best assignment. */
async function relativeError(problem: Problem, ids: NdArray, { layer, values }: PoolerInputs): Promise<number> {
  const truth = await layerInputValues(problem.model, problem.params, layer, ids, executor);
  const { rows, cols } = truth;
  const cost = matrix(rows, rows);
  for (let at = 0; at < rows * rows; at++) {
    const [i, j] = [Math.floor(at / rows), at % rows];
    for (let k = 0; k < cols; k++) cost.data[at]! += (truth.data[i * cols + k]! - values.data[j * cols + k]!) ** 2;
  }
  const error = Array.from(assign(cost), (j, i) => cost.data[i * rows + j]!).reduce((sum, value) => sum + value, 0);
  return Math.sqrt(error) / Math.hypot(...truth.data);
}

test.each([1, 2])("vectors of four texts at a pooler as it is, labels untold, seed %i", async (seed) => {
  const problem = observedTexts(bert(size, data), domain, texts, seed);
  const { labels: _, ...knowledge } = problem.knowledge;
  const found = (await poolerInputs({ ...problem, knowledge }, context(seed))) as PoolerInputs;
  expect(found.verdict, found.reason).toBe("recovered");
  expect(found.given).not.toContain("labels");
  expect(await relativeError(problem, batchOfIds(texts), found)).toBeLessThan(1e-6);
});

test("a widened pooler needs the flag, and then gives the vectors", async () => {
  const model = widenedPooler(bert({ ...size, std: 0.05 }, data), { width: 256, dimensions: 20 });
  const problem = observedTexts(model, domain, texts);
  const without = await poolerInputs(problem, context(1));
  expect(without.verdict).toBe("not identifiable");
  expect(without.reason).toContain("activeServer");
  const told = { ...problem, knowledge: { ...problem.knowledge, activeServer: true } };
  const found = (await poolerInputs(told, context(1))) as PoolerInputs;
  expect(found.verdict, found.reason).toBe("recovered");
  expect(found.given).toContain("activeServer");
  expect(await relativeError(problem, batchOfIds(texts), found)).toBeLessThan(1e-6);
});

test("first states that nearly coincide are foreseen to drown in float32, and do", async () => {
  const exact = observedTexts(bert({ ...size, std: 0.02 }, data), domain, texts);
  const observation = Object.fromEntries(
    Object.entries(exact.observation).map(([name, { shape, data: values }]) => [
      name,
      { shape, data: Float32Array.from(values) },
    ]),
  );
  const problem: Problem = { ...exact, observation, observationPrecision: "float32" };
  const outlook = await poolerOutlook(problem, context(1));
  expect(outlook).toMatchObject({ identifiable: false });
  expect(outlookSentence(outlook, "float32")).toContain("not identifiable at this precision");
  expect((await poolerInputs(problem, context(1))).verdict).toBe("not identifiable");
  expect(await poolerOutlook(exact, context(1))).toMatchObject({ identifiable: true });
});

test("a decoder without a pooler, and a gradient without one, are said", async () => {
  const decoder = gpt({ layers: 1, width: 16, heads: 2, positions: 12 }, data);
  const problem = observedTexts(decoder, domain, texts);
  expect((await poolerInputs(problem, context(1))).reason).toContain("no linear layer");
  const encoder = observedTexts(bert(size, data), domain, texts);
  const { "pooler.dense.weight": _, ...others } = encoder.observation;
  expect((await poolerInputs({ ...encoder, observation: others }, context(1))).reason).toContain("pooler.dense.weight");
});

test("made-up texts depend on the seed alone and hold vectors of the width of the pooler", async () => {
  const problem = observedTexts(bert(size, data), domain, texts);
  const inputs = await madeUpInputs(problem, "pooler.dense.weight", context(3));
  expect([inputs!.rows, inputs!.cols]).toEqual([64, 48]);
  expect(await madeUpInputs(problem, "pooler.dense.weight", context(3))).toEqual(inputs);
});
