import type { DiscretePrior } from "@recon/core";
import { rng } from "@recon/core";
import { testDiscretePrior } from "@recon/core/testing";
import { describe, expect, test } from "vitest";
import { textDomain } from "../domain.ts";
import { kneserNey } from "./kneser-ney.ts";
import { type SequenceModel, uniformModel, unigramModel } from "./sequence-model.ts";
import { sequenceScorer } from "./sequence-scorer.ts";

const [begin, end] = ["<", ">"];

/** The definition, word for word, over lists of strings. */
function plainKneserNey(sentences: readonly (readonly string[])[], vocabulary: readonly string[]) {
  const d = 0.75;
  const padded = sentences.map((words) => [begin, ...words, end]);
  const grams = (n: number): string[][] =>
    padded.flatMap((words) => words.slice(n - 1).map((_, i) => words.slice(i, i + n)));
  const distinct = (list: string[][]): string[][] =>
    [...new Set(list.map((g) => g.join(" ")))].map((g) => g.split(" "));
  const is = (gram: readonly string[], ...pattern: (string | undefined)[]): boolean =>
    pattern.every((word, i) => word === undefined || gram[i] === word);
  const [two, three] = [grams(2), grams(3)];
  const [twoTypes, threeTypes] = [distinct(two), distinct(three)];
  const positive = (x: number): number => Math.max(0, x);

  const p1 = (w: string): number => {
    const before = twoTypes.filter((g) => is(g, undefined, w)).length;
    const occurring = new Set(twoTypes.map((g) => g[1])).size;
    return positive(before - d) / twoTypes.length + ((d * occurring) / twoTypes.length) * (1 / (vocabulary.length + 1));
  };
  const p2 = (w: string, v: string): number => {
    const list =
      v === begin
        ? two.filter((g) => is(g, v)).map((g) => g.slice(1))
        : threeTypes.filter((g) => is(g, undefined, v)).map((g) => g.slice(2));
    if (list.length === 0) return p1(w);
    const followers = new Set(list.map(([x]) => x)).size;
    const own = list.filter(([x]) => x === w).length;
    return positive(own - d) / list.length + ((d * followers) / list.length) * p1(w);
  };
  return (u: string, v: string, w: string): number => {
    const list = three.filter((g) => is(g, u, v));
    if (v === begin || list.length === 0) return p2(w, v);
    const followers = new Set(list.map((g) => g[2])).size;
    const own = list.filter((g) => g[2] === w).length;
    return positive(own - d) / list.length + ((d * followers) / list.length) * p2(w, v);
  };
}

const vocabulary = ["a", "b", "c", "d", "never"];
const size = vocabulary.length;

/** Sentences of skewed letters, some of them empty. */
function drawn(seed: number, count: number): number[][] {
  const random = rng(seed).split("sentences");
  return Array.from({ length: count }, () =>
    Array.from({ length: random.integer(6) }, () => Math.floor(4 * random.uniform() ** 2)),
  );
}

describe.each([1, 2, 3])("a corpus drawn with seed %i", (seed) => {
  const sentences = drawn(seed, 12);
  const model = kneserNey(sentences, size);
  const plain = plainKneserNey(
    sentences.map((ids) => ids.map((id) => vocabulary[id]!)),
    vocabulary,
  );
  const word = (symbol: number): string => (symbol === size ? end : symbol === size + 1 ? begin : vocabulary[symbol]!);
  const contexts = [...vocabulary.keys(), size + 1].flatMap((u) => [...vocabulary.keys()].map((v) => [u, v] as const));

  test("every probability is that of the definition", () => {
    for (const [u, v] of [...contexts, [size + 1, size + 1] as const]) {
      for (let w = 0; w <= size; w++)
        expect(model.probability(u, v, w)).toBeCloseTo(plain(word(u), word(v), word(w)), 12);
    }
  });

  test("the probabilities after every context, seen or not, sum to 1 and are those asked for one by one", () => {
    for (const [u, v] of [...contexts, [size + 1, size + 1] as const]) {
      const p = model.distribution(u, v);
      expect(p).toHaveLength(size + 1);
      expect(p.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
      p.forEach((value, w) => {
        expect(value).toBeGreaterThan(0);
        expect(value).toBeCloseTo(model.probability(u, v, w), 14);
      });
    }
  });
});

test("by hand: two sentences, 'a b' and 'a c'", () => {
  // Pairs: <a, ab, ac, b>, c>: five, with a b c > as second. Triples: <ab, <ac, ab>, ac>.
  const [a, b] = [0, 1];
  const model = kneserNey(
    [
      [0, 1],
      [0, 2],
    ],
    3,
  );
  const p1 = (before: number): number => Math.max(0, before - 0.75) / 5 + (0.75 * 4) / 5 / 4;
  // After the beginning: a twice of two.
  expect(model.probability(4, 4, a)).toBeCloseTo(1.25 / 2 + (0.75 / 2) * p1(1), 14);
  // After a: b and c once each, at either length of the context.
  const p2 = 0.25 / 2 + 0.75 * p1(1);
  expect(model.probability(4, a, b)).toBeCloseTo(0.25 / 2 + 0.75 * p2, 14);
});

test("without any sentence all symbols are equally probable", () => {
  expect(kneserNey([], 3).probability(4, 4, 1)).toBeCloseTo(1 / 4, 14);
  expect(kneserNey([], 3).distribution(0, 1)).toEqual(new Float64Array(4).fill(1 / 4));
});

test("numbers that are no symbols are refused", () => {
  expect(() => kneserNey([[0, 3]], 3)).toThrow("3 is not a symbol");
  expect(() => kneserNey([[0.5]], 3)).toThrow("0.5 is not a symbol");
  expect(() => kneserNey([], 300_000)).toThrow("too many");
});

const models: Readonly<Record<string, () => SequenceModel>> = {
  none: () => uniformModel(size),
  unigram: () => unigramModel(drawn(4, 40), size),
  trigram: () => kneserNey(drawn(4, 40), size),
};
const pieces = vocabulary;
const tokenizer = { name: "letters", pieces, special: new Set<number>(), encode: () => [0], decode: () => "" };
for (const [name, make] of Object.entries(models)) {
  const prior = (): DiscretePrior => ({ kind: "discrete", name, options: {}, scorer: () => sequenceScorer(make()) });
  testDiscretePrior(prior, { domain: textDomain({ tokenizer }) });
}

test("draws are as frequent as their probabilities", () => {
  const model = kneserNey(drawn(5, 40), size);
  const scorer = sequenceScorer(model);
  const pairs = Array.from({ length: size * size }, (_, i) => [Math.floor(i / size), i % size]);
  const weights = pairs.map(
    ([v, w]) => model.probability(6, 6, v!) * model.probability(6, v!, w!) * model.probability(v!, w!, size),
  );
  // The first is drawn before the end is in view, so frequencies are p(v) p(w|v) p(end|vw) over their sum by v.
  const expected = pairs.map(([v], i) => {
    const mass = weights.filter((_, j) => pairs[j]![0] === v).reduce((sum, x) => sum + x, 0);
    const first = model.probability(6, 6, v!) / (1 - model.probability(6, 6, size));
    return (first * weights[i]!) / mass;
  });
  const draws = 4000;
  const counts = new Float64Array(size * size);
  for (let k = 0; k < draws; k++) {
    const [v, w] = scorer.sample([2], rng(k)).data;
    counts[v! * size + w!]!++;
  }
  counts.forEach((count, i) => {
    const spread = Math.sqrt(draws * expected[i]! * (1 - expected[i]!));
    expect(Math.abs(count - draws * expected[i]!)).toBeLessThan(6 * spread + 1);
  });
});
