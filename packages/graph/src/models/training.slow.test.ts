import { type Item, rng, trainModel } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { molecules } from "../data/molecules.ts";
import { accuracy, logitsOf } from "./fixtures/classify.ts";
import { gin } from "./gin.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

test.each([1, 2])(
  "a net of molecules learns of those it has not seen who is mutagenic, better than by the larger class (seed %i)",
  async (seed) => {
    const source = molecules({ lists: ["mutagenic", "irritant"], training: 0.8 });
    const { training } = await source.open();
    const order = rng(seed).permutation(training!.size);
    const items: readonly Item[] = await Promise.all(order.map((index) => training!.item(index)));
    const model = gin({ hidden: 32 }, { input: items[0]!.input.shape, classes: 2, domain: source.domain });
    const [seen, held] = [items.slice(0, -600), items.slice(-600)];
    const weights = await trainModel(model, {
      items: seen,
      steps: 300,
      rate: 3e-3,
      padding: -1,
      executor,
      rng: rng(seed),
    });
    const targets = held.flatMap(({ target }) => Array.from(target.data));
    const positive = held.filter(({ target }) => target.data[1] === 1).length / held.length;
    const reached = accuracy(await logitsOf(executor, model, weights, held), targets);
    expect(reached).toBeGreaterThan(Math.max(positive, 1 - positive) + 0.04);
  },
  120_000,
);
