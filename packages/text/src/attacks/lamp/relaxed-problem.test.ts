import { rng } from "@recon/core";
import { expect, test } from "vitest";
import { observedTexts, plainDomain } from "../../fixtures/observed-texts.ts";
import { bert } from "../../models/bert.ts";
import { gpt } from "../../models/gpt.ts";
import { clampEmbeddings, randomEmbeddings } from "./embedding-state.ts";
import { type RelaxedProblem, relaxedProblem } from "./relaxed-problem.ts";

const domain = plainDomain(30, 10);
const data = { input: [10], classes: 2, domain };
const size = { layers: 1, width: 8, heads: 2, hidden: 8, positions: 10, std: 0.3 };
const texts = [
  [0, 9, 17, 9, 5, 1],
  [0, 12, 1],
];
const problem = observedTexts(bert(size, data), domain, texts);
const relaxed = relaxedProblem(problem) as RelaxedProblem;

test("what the tokenizer puts around a text is held, what is behind its end is 0, the rest is free", () => {
  const x = randomEmbeddings(relaxed, rng(1));
  clampEmbeddings(x, relaxed.problem);
  const row = (b: number, t: number): number[] => Array.from(x.slice((b * 6 + t) * 8, (b * 6 + t + 1) * 8));
  expect(row(0, 0)).toEqual(Array.from(relaxed.table.row(0)));
  expect(row(0, 5)).toEqual(Array.from(relaxed.table.row(1)));
  expect(row(1, 2)).toEqual(Array.from(relaxed.table.row(1)));
  expect(row(1, 3)).toEqual(new Array(8).fill(0));
  expect(Math.hypot(...row(1, 1))).toBeCloseTo(relaxed.table.meanNorm, 12);
});

test("embeddings of ids are rounded to these ids, whatever their size", () => {
  const x = randomEmbeddings(relaxed, rng(1));
  texts.forEach((ids, b) => {
    ids.forEach((id, t) => {
      x.set(
        Array.from(relaxed.table.row(id), (value) => 3 * value),
        (b * 6 + t) * 8,
      );
    });
  });
  const { shape, data: ids } = relaxed.project({ shape: [2, 6, 8], data: x });
  expect(shape).toEqual([2, 6]);
  expect(Array.from(ids)).toEqual([0, 9, 17, 9, 5, 1, 0, 12, 1, -1, -1, -1]);
});

test("special ids never stand within a text", () => {
  for (let seed = 0; seed < 20; seed++) {
    const { data: ids } = relaxed.project({ shape: [2, 6, 8], data: randomEmbeddings(relaxed, rng(seed)) });
    for (const t of [1, 2, 3, 4]) expect(ids[t]).toBeGreaterThan(2);
  }
});

test("the gradient of a trained table says which ids come into question, and is no part of the relaxed observation", () => {
  const trained = relaxedProblem(
    observedTexts(bert({ ...size, embeddings: "trained" }, data), domain, texts),
  ) as RelaxedProblem;
  expect(trained.restricted).toBe(true);
  expect(trained.places[0]![1]).toEqual([5, 9, 12, 17]);
  expect(Object.keys(trained.problem.observation)).not.toContain("embeddings.word_embeddings.weight");
  expect(relaxed.restricted).toBe(false);
});

test.each([
  ["lengths that are not told", { ...problem, knowledge: { batchSize: 2 } }, /told sequenceLengths/],
  [
    "lengths of another batch",
    { ...problem, knowledge: { ...problem.knowledge, sequenceLengths: [4] } },
    /hold 2 whole numbers from 1 to 10, not \[4\]/,
  ],
  [
    "a length beyond the model's",
    { ...problem, knowledge: { ...problem.knowledge, sequenceLengths: [4, 11] } },
    /from 1 to 10/,
  ],
  [
    "a tokenizer of another model",
    { ...problem, domain: plainDomain(99, 10) },
    /102 ids, and the table of embeddings 33 rows/,
  ],
])("it refuses %s and says why", (_name, of, reason) => {
  const answer = relaxedProblem(of);
  expect("reason" in answer && answer.reason).toMatch(reason);
});

test("a model that predicts its own ids is refused", () => {
  const next = gpt({ ...size, task: "next-token" }, data);
  expect(relaxedProblem(observedTexts(next, domain, texts))).toMatchObject({ reason: /reads the ids themselves/ });
});

test("where every place is known, sizes are those of the whole table", () => {
  const known = relaxedProblem(observedTexts(bert(size, data), domain, [[0, 1]])) as RelaxedProblem;
  expect(known.table.meanNorm).toBeGreaterThan(0);
  expect(Array.from(known.project({ shape: [1, 2, 8], data: new Float64Array(16) }).data)).toEqual([0, 1]);
});
