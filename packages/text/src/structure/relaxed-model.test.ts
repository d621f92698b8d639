import { gradient, type Model, rng, squared } from "@recon/core";
import { type Arrays, grad, graph, input, interpret, type NdArray } from "@recon/engine";
import { expect, test } from "vitest";
import { textDomain } from "../domain.ts";
import { bert } from "../models/bert.ts";
import { gpt } from "../models/gpt.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import { type Embedding, embeddingOf } from "./embedding.ts";
import { relaxedModel } from "./relaxed-model.ts";

const words = Array.from({ length: 12 }, (_, id) => `w${id}`);
const tokenizer: Tokenizer = {
  name: "words",
  pieces: words,
  special: new Set([0]),
  encode: (text) => text.split(" ").map((word) => Math.max(0, words.indexOf(word))),
  decode: (ids) => ids.map((id) => words[id]).join(" "),
};
const data = { input: [6], classes: 3, domain: textDomain({ tokenizer, maxLength: 6 }) };
const size = { layers: 2, width: 6, heads: 2, hidden: 7, positions: 8, std: 0.5 };
const models: readonly Model[] = [
  bert(size, data),
  bert({ ...size, embeddings: "trained", pooling: "mean" }, data),
  gpt(size, data),
  gpt({ ...size, embeddings: "trained" }, data),
];

/** Two texts of 4 and 2 ids, and their classes. */
const ids: NdArray = { shape: [2, 4], data: Float64Array.of(3, 1, 4, 1, 5, 9, -1, -1) };
const target: NdArray = { shape: [2, 3], data: Float64Array.of(1, 0, 0, 0, 0, 1) };
const lengths = [4, 2];

function gradientOf(model: Model, params: Arrays, of: NdArray): Arrays {
  const arrays = Object.fromEntries(Object.entries(params).map(([name, { shape }]) => [name, input(name, shape)]));
  const batch = { input: input("the input", of.shape), target: input("the target", target.shape) };
  const inputs = { ...arrays, "the input": batch.input, "the target": batch.target };
  const observed = gradient({ mode: "eval" }).observe(model, arrays, batch);
  return interpret(graph(inputs, observed), { ...params, "the input": of, "the target": target });
}

function relaxed(model: Model): { embedding: Embedding; twin: Model; params: Arrays; own: Arrays; x: NdArray } {
  const embedding = embeddingOf(model) as Embedding;
  const params = model.init(rng(4));
  const twin = relaxedModel(model, embedding, lengths);
  const { [embedding.table]: table, ...own } = params;
  const { width } = embedding;
  const rows = Array.from(ids.data).flatMap((id) =>
    id < 0 ? new Array<number>(width).fill(0.3) : Array.from(table!.data.slice(id * width, (id + 1) * width)),
  );
  return { embedding, twin, params, own, x: { shape: [2, 4, width], data: Float64Array.from(rows) } };
}

test.each(models.map((model, i) => [`${model.name} ${i}`, model] as const))(
  "%s: embeddings give the gradient that their ids give",
  (_name, model) => {
    const { embedding, twin, params, own, x } = relaxed(model);
    const { [embedding.table]: _tableGradient, ...wanted } = gradientOf(model, params, ids);
    const found = gradientOf(twin, own, x);
    expect(Object.keys(found)).toEqual(Object.keys(wanted));
    for (const [name, { data: values }] of Object.entries(wanted)) {
      const scale = Math.max(...values.map(Math.abs));
      const off = values.map((value, i) => Math.abs(value - found[name]!.data[i]!));
      expect(Math.max(...off), name).toBeLessThanOrEqual(1e-12 * scale + 1e-15);
    }
  },
);

test.each(models.map((model, i) => [`${model.name} ${i}`, model] as const))(
  "%s: the derivative of a matching loss by the embeddings is that of finite differences",
  (_name, model) => {
    const { twin, own, x } = relaxed(model);
    const observed = gradientOf(twin, own, x);
    const rng1 = rng(7);
    const at = { shape: x.shape, data: Float64Array.from(x.data, (value) => value + 0.3 * rng1.normal()) };
    const arrays = Object.fromEntries(Object.entries(own).map(([name, { shape }]) => [name, input(name, shape)]));
    const seen = Object.fromEntries(
      Object.entries(observed).map(([name, { shape }]) => [name, input(`seen ${name}`, shape)]),
    );
    const batch = { input: input("the input", x.shape), target: input("the target", target.shape) };
    const loss = squared().distance(gradient({ mode: "eval" }).observe(twin, arrays, batch), seen);
    const inputs = {
      ...arrays,
      "the input": batch.input,
      "the target": batch.target,
      ...Object.fromEntries(Object.entries(seen).map(([name, node]) => [`seen ${name}`, node])),
    };
    const fixed = {
      ...own,
      "the target": target,
      ...Object.fromEntries(Object.entries(observed).map(([name, value]) => [`seen ${name}`, value])),
    };
    const both = graph(inputs, { loss, slope: grad(loss, [batch.input])[0]! });
    const run = (values: Float64Array) => interpret(both, { ...fixed, "the input": { shape: x.shape, data: values } });
    const direction = at.data.map(() => rng1.normal());
    const slope = run(at.data).slope!.data.reduce((sum, value, i) => sum + value * direction[i]!, 0);
    const step = 1e-5;
    const [ahead, behind] = [step, -step].map(
      (s) => run(at.data.map((value, i) => value + s * direction[i]!)).loss!.data[0]!,
    ) as [number, number];
    expect(Math.abs((ahead - behind) / (2 * step) - slope) / Math.abs(slope)).toBeLessThan(1e-6);
  },
);

test("the embedding is found by what it does", () => {
  expect(models.map((model) => embeddingOf(model))).toEqual([
    { table: "embeddings.word_embeddings.weight", trained: false, rows: 12, width: 6, shared: false },
    { table: "embeddings.word_embeddings.weight", trained: true, rows: 12, width: 6, shared: false },
    { table: "wte.weight", trained: false, rows: 12, width: 6, shared: false },
    { table: "wte.weight", trained: true, rows: 12, width: 6, shared: false },
  ]);
});

test("a model whose loss reads ids has no continuous twin, and one without a table no embedding", () => {
  const next = gpt({ ...size, task: "next-token" }, data);
  const embedding = embeddingOf(next) as Embedding;
  expect(embedding.shared).toBe(true);
  expect(() => relaxedModel(next, embedding, lengths)).toThrow(/reads the ids themselves/);
  const plain: Model = { ...models[0]!, name: "plain", forward: (p) => p["classifier.bias"]! };
  expect(embeddingOf(plain)).toEqual({ reason: "plain reads no table by its input" });
});
