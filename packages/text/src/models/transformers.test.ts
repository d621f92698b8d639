import { type DataToFit, type Model, type Rng, rng } from "@recon/core";
import { demandDerivative, drawLike, testModel } from "@recon/core/testing";
import { type Arrays, add, constant, dot, grad, type NdArray, type Tensor, type Tensors } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { batchOfIds } from "../ids.ts";
import { bert } from "./bert.ts";
import { evaluateModel } from "./fixtures/evaluate-model.ts";
import { letters } from "./fixtures/letters.ts";
import { oneHotTargets, textData } from "./fixtures/text-batch.ts";
import { gpt } from "./gpt.ts";

const data: DataToFit = textData(letters(7), { maxLength: 5 });
const small = { layers: 2, width: 4, heads: 2, hidden: 6, positions: 5, std: 0.4 } as const;

/** Texts of one to five letters, filled up to the longest. */
const drawnTexts = (batch: number, random: Rng): NdArray => {
  const items = Array.from({ length: batch }, () =>
    Array.from({ length: 1 + random.integer(5) }, () => random.integer(7)),
  );
  return batchOfIds(items, 5);
};

testModel(() => bert(small, data), { runs: 2, input: drawnTexts });
testModel(() => gpt(small, data), { runs: 2, input: drawnTexts });

const victims: Readonly<Record<string, Model>> = {
  "bert, first token": bert(small, data),
  "bert, mean, trained embeddings": bert({ ...small, pooling: "mean", embeddings: "trained" }, data),
  "gpt, classes": gpt(small, data),
  "gpt, next token, trained embeddings": gpt({ ...small, task: "next-token", embeddings: "trained" }, data),
};
const texts = [
  [3, 1, 4, 1, 5],
  [2, 6, 0],
  [5, 3],
];
const classes = [0, 1, 1];
const batchOf = (of: readonly number[], length = 0): { input: Arrays[string]; target: Arrays[string] } => ({
  input: batchOfIds(
    of.map((i) => texts[i]!),
    length,
  ),
  target: oneHotTargets(
    of.map((i) => classes[i]!),
    2,
  ),
});

describe.each(Object.entries(victims))("%s", (_, model) => {
  const weights = model.init(rng("weights"));

  // A search moves the embeddings of a text, through the gradient that it is to match: here the tables move, which is the same chain.
  test("the derivative of the gradient by the embeddings agrees with finite differences", () => {
    const batch = batchOf([0, 1]);
    const cotangent = drawLike(model.parameters, rng("cotangent"));
    const matched = (x: Tensors): Tensor => {
      const symbols = { input: x.input!, target: x.target! };
      const names = Object.keys(model.parameters);
      const gradients = grad(
        model.loss(model.forward(x, symbols, "eval"), symbols),
        names.map((name) => x[name]!),
      );
      return gradients
        .map((g, i) => dot(g, constant(cotangent[names[i]!]!.data, g.shape)))
        .reduce((total, term) => add(total, term));
    };
    const by = Object.keys(weights).filter((name) => /embeddings|^w[tp]e|^h\.0|layer\.0/.test(name));
    expect(by.length).toBeGreaterThan(10);
    demandDerivative(matched, { ...weights, ...batch }, rng("directions"), { by });
  });

  test("what a text is filled up with changes neither output nor loss nor gradient", () => {
    for (const i of [1, 2]) {
      const bare = evaluateModel(model, weights, batchOf([i]));
      const padded = evaluateModel(model, weights, batchOf([i], 5));
      const size = bare.output!.data.length;
      expectClose({ ...bare, output: flat(bare.output!, size) }, { ...padded, output: flat(padded.output!, size) });
    }
  });

  test("a batch of texts of different lengths is the mean of its texts", () => {
    const together = evaluateModel(model, weights, batchOf([0, 1, 2]));
    const alone = texts.map((_, i) => evaluateModel(model, weights, batchOf([i])));
    for (const name of Object.keys(together).filter((key) => key !== "output")) {
      const mean = together[name]!.data.map((_, k) => alone.reduce((sum, one) => sum + one[name]!.data[k]! / 3, 0));
      expectClose({ [name]: together[name]! }, { [name]: { shape: together[name]!.shape, data: mean } });
    }
  });

  test("a text of one token is enough", () => {
    const { loss, output } = evaluateModel(model, weights, {
      input: batchOfIds([[4]]),
      target: oneHotTargets([1], 2),
    });
    expect(loss!.data.every(Number.isFinite) && output!.data.every(Number.isFinite)).toBe(true);
  });

  test("no text is longer than it has positions for", () => {
    const long = textData(letters(7), { maxLength: 6 });
    expect(() => (model.name === "bert" ? bert : gpt)(small, long)).toThrow(expect.objectContaining({ code: "shape" }));
  });
});

test("a decoder's state does not depend on what comes after", () => {
  const model = victims["gpt, next token, trained embeddings"]!;
  const weights = model.init(rng("weights"));
  const logits = (ids: readonly number[]): ArrayLike<number> =>
    evaluateModel(model, weights, { input: batchOfIds([ids]), target: oneHotTargets([0], 2) }).output!.data;
  const [one, other] = [logits([3, 1, 4, 1, 5]), logits([3, 1, 4, 6, 2])];
  const before = 3 * 7;
  expect(Array.from(one).slice(0, before)).toEqual(Array.from(other).slice(0, before));
  expect(one[before]).not.toBe(other[before]);
});

function flat({ data }: Arrays[string], size: number): Arrays[string] {
  return { shape: [size], data: Float64Array.from(data).slice(0, size) };
}

function expectClose(a: Arrays, b: Arrays): void {
  for (const [name, { data }] of Object.entries(a)) {
    const other = b[name]!.data;
    const size = Math.max(1e-3, ...Array.from(data, Math.abs));
    const largest = Math.max(...Array.from(data, (value, k) => Math.abs(value - other[k]!)));
    expect(largest / size, name).toBeLessThan(1e-12);
  }
}
