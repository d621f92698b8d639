import { rng, trainModel } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { karate } from "../data/karate.ts";
import { accuracy, logitsOf } from "./fixtures/classify.ts";
import { gcn } from "./gcn.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

test.each([1, 2, 3])("a net of nodes learns the two factions of the karate club (seed %i)", async (seed) => {
  const source = karate();
  const data = await source.open();
  const item = await data.item(0);
  const model = gcn({ hidden: 16 }, { input: item.input.shape, classes: 2, domain: source.domain });
  const weights = await trainModel(model, {
    items: [item],
    steps: 60,
    batch: 1,
    rate: 0.01,
    executor,
    rng: rng(seed),
  });
  const reached = accuracy(await logitsOf(executor, model, weights, [item]), Array.from(item.target.data));
  expect(reached).toBeGreaterThanOrEqual(33 / 34);
});
