import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DataToFit, rng } from "@recon/core";
import type { Arrays } from "@recon/engine";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { batchOfIds } from "../ids.ts";
import { bert } from "./bert.ts";
import { evaluateModel } from "./fixtures/evaluate-model.ts";
import { letters } from "./fixtures/letters.ts";
import { bertConfiguration, gptConfiguration, writeModelFolder } from "./fixtures/model-folder.ts";
import { oneHotTargets, textData } from "./fixtures/text-batch.ts";
import { gpt } from "./gpt.ts";

const root = mkdtempSync(join(tmpdir(), "recon-model-"));
afterAll(() => rmSync(root, { recursive: true }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, "model-"));
});

const data: DataToFit = textData(letters(7), { maxLength: 5 });
const size = { layers: 1, width: 4, heads: 2, positions: 5, std: 0.4 } as const;
const encoder = bert({ ...size, hidden: 6 }, data).init(rng("encoder"));
const decoder = gpt(size, textData(letters(9), { maxLength: 5 })).init(rng("decoder"));
const other = rng("other weights");

const without = (weights: Arrays, pattern: RegExp): Arrays =>
  Object.fromEntries(Object.entries(weights).filter(([name]) => !pattern.test(name)));

test.each<[string, (name: string) => string]>([
  ["plain names", (name) => name],
  ["the prefix of a classifier", (name) => (name.startsWith("classifier") ? name : `bert.${name}`)],
  [
    "the names of old exporters",
    (name) => `bert.${name}`.replace(/(LayerNorm)\.weight$/, "$1.gamma").replace(/(LayerNorm)\.bias$/, "$1.beta"),
  ],
])("an encoder's weights come from the folder: %s", (_, as) => {
  writeModelFolder(folder, { config: bertConfiguration, weights: encoder, as });
  expect(bert({ folder }, data).init(other)).toEqual(encoder);
});

test.each<[string, (name: string) => string]>([
  ["plain names", (name) => name],
  ["the prefix of a classifier", (name) => (name.startsWith("score") ? name : `transformer.${name}`)],
])("a decoder's weights come from the folder, its table longer than the vocabulary: %s", (_, as) => {
  const stored = { ...decoder, "h.0.attn.bias": { shape: [1, 1, 5, 5], data: new Float32Array(25) } };
  writeModelFolder(folder, { config: gptConfiguration, weights: stored, as });
  expect(gpt({ folder }, data).init(other)).toEqual(decoder);
});

test("only the head is drawn where the weights lack it, from the seed", () => {
  writeModelFolder(folder, { config: bertConfiguration, weights: without(encoder, /^(pooler|classifier)/) });
  const model = bert({ folder }, data);
  const [one, again, another] = ["a", "a", "b"].map((seed) => model.init(rng(seed))) as [Arrays, Arrays, Arrays];
  expect(again).toEqual(one);
  expect(Object.keys(one).sort()).toEqual(Object.keys(encoder).sort());
  const differing = Object.keys(one).filter((name) => one[name]!.data.some((x, i) => x !== another[name]!.data[i]));
  expect(differing.sort()).toEqual(["classifier.weight", "pooler.dense.weight"]);
});

test("what the configuration says beside sizes is obeyed", () => {
  const batch = { input: batchOfIds([[3, 1, 4, 1, 5]]), target: oneHotTargets([0], 2) };
  const logits = (config: object): number[] => {
    writeModelFolder(folder, { config: { ...bertConfiguration, ...config }, weights: encoder });
    const model = bert({ folder }, data);
    return Array.from(evaluateModel(model, model.init(other), batch).output!.data);
  };
  const usual = logits({});
  expect(logits({ hidden_act: undefined, layer_norm_eps: undefined, model_type: undefined })).toEqual(usual);
  for (const config of [{ hidden_act: "relu" }, { hidden_act: "gelu_new" }, { layer_norm_eps: 0.1 }]) {
    expect(logits(config)).not.toEqual(usual);
  }
});

describe("a folder that will not do is refused, saying why", () => {
  test.each<[string, object, string]>([
    ["no layers", { ...bertConfiguration, num_hidden_layers: undefined }, "num_hidden_layers or n_layer"],
    ["a width that is no number", { ...bertConfiguration, hidden_size: "4" }, "hidden_size"],
    ["more layers than can be", { ...bertConfiguration, num_hidden_layers: 1e9 }, "from 1 to 200"],
    ["heads that do not divide the width", { ...bertConfiguration, num_attention_heads: 3 }, "3 heads"],
    ["another kind of model", gptConfiguration, '"gpt2"'],
    ["an unknown activation", { ...bertConfiguration, hidden_act: "swish" }, '"swish"'],
    ["relative positions", { ...bertConfiguration, position_embedding_type: "relative_key" }, "relative_key"],
    ["a list", [], "record"],
  ])("%s in config.json", (_, config, named) => {
    writeModelFolder(folder, { config, weights: encoder });
    expect(() => bert({ folder }, data)).toThrow(
      expect.objectContaining({ code: "model-folder", message: expect.stringContaining(named) }),
    );
  });

  test("no folder at all", () => {
    expect(() => bert({ folder: join(root, "nowhere") }, data)).toThrow(
      expect.objectContaining({ code: "model-folder", message: expect.stringContaining("config.json") }),
    );
  });

  test("weights that are missing, cut off anywhere, or no weights", () => {
    writeModelFolder(folder, { config: bertConfiguration, weights: encoder });
    const file = join(folder, "model.safetensors");
    const whole = readFileSync(file);
    for (const length of [0, 7, 40, whole.length - 1]) {
      writeFileSync(file, whole.subarray(0, length));
      expect(() => bert({ folder }, data).init(other)).toThrow(
        expect.objectContaining({ code: "model-folder", message: expect.stringContaining("damaged") }),
      );
    }
    rmSync(file);
    expect(() => bert({ folder }, data).init(other)).toThrow(
      expect.objectContaining({ code: "model-folder", message: expect.stringContaining("cannot be read") }),
    );
  });

  test("a layer that is missing, or of another shape", () => {
    writeModelFolder(folder, { config: bertConfiguration, weights: without(encoder, /self\.key\.bias/) });
    expect(() => bert({ folder }, data).init(other)).toThrow(
      expect.objectContaining({
        code: "shape",
        message: expect.stringContaining('"encoder.layer.0.attention.self.key.bias" [4]'),
      }),
    );
    writeModelFolder(folder, { config: { ...bertConfiguration, intermediate_size: 8 }, weights: encoder });
    expect(() => bert({ folder }, data).init(other)).toThrow(
      expect.objectContaining({
        code: "shape",
        message: expect.stringContaining("as [6, 4], and the model takes [8, 4]"),
      }),
    );
  });

  test("a tokenizer with more pieces than the model has words", () => {
    writeModelFolder(folder, { config: bertConfiguration, weights: encoder });
    expect(() => bert({ folder }, textData(letters(8), { maxLength: 5 }))).toThrow(
      expect.objectContaining({ code: "shape", message: expect.stringContaining('"letters" has 8 pieces') }),
    );
  });

  test("a folder and a model of the hub at once", () => {
    expect(() => bert({ folder, hub: "a/b" }, data)).toThrow(expect.objectContaining({ code: "bad-option" }));
  });
});
