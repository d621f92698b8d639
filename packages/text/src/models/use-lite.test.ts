import { rng } from "@recon/core";
import { graph, input, onnxruntime } from "@recon/engine";
import { expect, test } from "vitest";
import { batchOfIds } from "../ids.ts";
import { sentencePiece } from "../tokenizers/sentence-piece.ts";
import { publishedUseLite } from "./fixtures/published-use-lite.ts";
import { textData } from "./fixtures/text-batch.ts";
import { positionsOf } from "./positions.ts";
import { sentenceVector, unitRows, useLite } from "./use-lite.ts";

const tokenizer = sentencePiece();
const sentences = [
  "Wow... Loved this place.",
  "Crust is not good.",
  "The mic is great.",
  "Waste your money on this game.",
  "Not tasty and the texture was just nasty.",
  "10:30, and 😀 the naïve waiter left :)",
].map((text) => tokenizer.encode(text));

test("sentence vectors are those of the published graph, alone and in a batch filled up to the longest", async () => {
  const model = useLite({}, textData(tokenizer, { maxLength: 40 }));
  const weights = model.init(rng("weights"));
  const published = await publishedUseLite();
  const batch = batchOfIds(sentences, 20);
  const symbols = Object.fromEntries(
    Object.entries({ ...weights, ids: batch }).map(([name, { shape }]) => [name, input(name, shape)]),
  );
  const vectors = unitRows(sentenceVector(symbols, positionsOf(symbols.ids!)));
  const executor = onnxruntime({ threads: 1 });
  const program = await executor.compile(graph(symbols, { vectors }), { precision: "float64" });
  const ours = (await program.run({ ...weights, ids: batch })).vectors!.data;
  await executor.dispose();
  for (const [i, ids] of sentences.entries()) {
    const theirs = await published(ids);
    const largest = Math.max(...theirs.map((value, k) => Math.abs(value - ours[i * 512 + k]!)));
    expect(largest).toBeLessThan(1e-6);
  }
});

test("it has the published number of weights, and draws only its classifier", () => {
  const model = useLite({ embeddings: "trained" }, textData(tokenizer));
  const count = Object.values(model.parameters).reduce(
    (total, { shape }) => total + shape.reduce((a, b) => a * b, 1),
    0,
  );
  // The published file holds 128 frequencies and 42 constants beside weights, and rows of 256 for two ids that are no piece; the classifier is new.
  expect(count).toBe(27_903_656 / 4 - 128 - 42 - 2 * 256 + (2 * 512 + 2));
  const [one, other] = [model.init(rng("one")), model.init(rng("other"))];
  const differing = Object.keys(one).filter((name) => one[name]!.data.some((x, k) => x !== other[name]!.data[k]));
  expect(differing).toEqual(["classifier.weight"]);
});

test("texts of another tokenizer and texts that are too long are refused", () => {
  const few = { ...tokenizer, name: "few", pieces: tokenizer.pieces.slice(0, 100) };
  expect(() => useLite({}, textData(few))).toThrow(
    expect.objectContaining({ code: "shape", message: expect.stringContaining('"sentence-piece"') }),
  );
  expect(() => useLite({}, textData(tokenizer, { maxLength: 129 }))).toThrow(
    expect.objectContaining({ code: "shape", message: expect.stringContaining('"max_length" to 128') }),
  );
});
