import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Item, installedPackage, type Model, rng, trainModel } from "@recon/core";
import { type Arrays, graph, onnxruntime, input as symbol } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { batchOfIds, noToken } from "../ids.ts";
import { trainWordPieces } from "../tokenizers/train-word-pieces.ts";
import { bert } from "./bert.ts";
import { oneHotTargets, textData } from "./fixtures/text-batch.ts";
import { gpt } from "./gpt.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const file = join(installedPackage("sentiment", "the test"), "test", "fixtures", "yelp.json");
const rows = (JSON.parse(readFileSync(file, "utf8")) as { text: string; class: number }[]).slice(0, 300);
const tokenizer = trainWordPieces(
  rows.map(({ text }) => text),
  250,
);
const items: readonly Item[] = rows
  .map(({ text, class: label }, i) => {
    const ids = tokenizer.encode(text);
    return {
      id: String(i),
      input: { shape: [ids.length], data: Float64Array.from(ids) },
      target: { shape: [2], data: Float64Array.of(1 - label, label) },
    };
  })
  .filter(({ input }) => input.data.length <= 24);
const [seen, held] = [items.slice(0, 96), items.slice(96, 160)];
const data = textData(tokenizer, { maxLength: 24 });
const size = { layers: 1, std: 0.1, width: 16, heads: 2, positions: 24, embeddings: "trained" } as const;

async function lossOn(model: Model, weights: Arrays, of: readonly Item[]): Promise<number> {
  const input = batchOfIds(of.map(({ input: ids }) => Array.from(ids.data)));
  const target = oneHotTargets(
    of.map(({ target: one }) => one.data[1]!),
    2,
  );
  const arrays = { ...weights, input, target };
  const symbols = Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, symbol(name, shape)]));
  const batch = { input: symbols.input!, target: symbols.target! };
  const loss = model.loss(model.forward(symbols, batch, "eval"), batch);
  const program = await executor.compile(graph(symbols, { loss }));
  return (await program.run(arrays)).loss!.data[0]!;
}

test("an encoder learns the opinions of the sentences that it sees, the same twice, and its weights fit frozen tables", async () => {
  const encoder = { ...size, pooling: "mean" } as const;
  const model = bert(encoder, data);
  const options = { items: seen, steps: 30, rate: 0.01, executor, padding: noToken, batch: 16, rng: rng("train") };
  const [weights, again] = [await trainModel(model, options), await trainModel(model, options)];
  expect(again).toEqual(weights);
  const frozen = bert({ ...encoder, embeddings: "frozen" }, data);
  expect(await lossOn(frozen, weights, seen)).toBeLessThan(0.4);
  const start = await trainModel(model, { ...options, steps: 0 });
  expect(start).toEqual(model.init(rng("train").split("weights")));
  expect(await lossOn(model, start, seen)).toBeGreaterThan(0.6);
});

test("a decoder learns which token comes next, also in sentences that it does not see", async () => {
  const model = gpt({ ...size, task: "next-token" }, data);
  const options = { items: seen, executor, padding: noToken, batch: 16, rate: 0.01, rng: rng("train") };
  const [start, weights] = [
    await trainModel(model, { ...options, steps: 0 }),
    await trainModel(model, { ...options, steps: 60 }),
  ];
  expect(await lossOn(model, start, held)).toBeGreaterThan(Math.log(250) - 0.5);
  expect(await lossOn(model, weights, held)).toBeLessThan(Math.log(250) - 0.4);
});

test("frozen tables stay as they are", async () => {
  const model = bert({ ...size, embeddings: "frozen" }, data);
  const weights = await trainModel(model, { items: seen, steps: 3, padding: noToken, executor, rng: rng("train") });
  const start = model.init(rng("train").split("weights"));
  const moved = Object.keys(weights).filter((name) => weights[name]!.data.some((x, i) => x !== start[name]!.data[i]));
  expect(Object.keys(model.buffers!).filter((name) => moved.includes(name))).toEqual([]);
  expect(moved).toContain("classifier.weight");
});
