import type { Rng } from "@recon/core";
import { testMetric } from "@recon/core/testing";
import type { NdArray } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { wordPieceTokenizer } from "../fixtures/word-piece-tokenizer.ts";
import { sentencePiece } from "../tokenizers/sentence-piece.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import { exactMatch } from "./exact-match.ts";
import { rouge } from "./rouge.ts";
import { tokenAccuracy } from "./token-accuracy.ts";

const sentences = sentencePiece();
const item = (ids: readonly number[]): NdArray => ({ shape: [ids.length], data: Float64Array.from(ids) });
const text = (words: string, tokenizer: Tokenizer = sentences): NdArray => item(tokenizer.encode(words));

const kinds = ["1", "2", "l"] as const;

describe("ROUGE by hand", () => {
  test.each([
    // estimate, truth, matches of words, of pairs, longest common subsequence
    ["the cat sat", "the cat sat", 1, 1, 1],
    // 5 of 6 and 6 words; "the cat", "on the", "the mat" of 5 and 5 pairs; the cat … on the mat.
    ["the cat lay on the mat", "the cat sat on the mat", 5 / 6, 3 / 5, 5 / 6],
    // All words from the last to the first: no pair; the … on … the.
    ["mat the on sat cat the", "the cat sat on the mat", 1, 0, 3 / 6],
    // A repeated word counts as often as the truth has it: 2·2 / (4 + 3).
    ["the the the the", "the cat the", 4 / 7, 0, 4 / 7],
    // Three words against one: 2·1 / (3 + 1).
    ["very good food", "food", 1 / 2, 0, 1 / 2],
    // Case and punctuation are no words.
    ["The cat, SAT!", "the cat sat", 1, 1, 1],
    ["dog", "cat", 0, 0, 0],
  ])("%j against %j", (estimate, truth, ...wanted) => {
    kinds.forEach((kind, i) => {
      expect(rouge({ kind, tokenizer: sentences }).score(text(estimate), text(truth))).toBeCloseTo(wanted[i]!, 12);
    });
  });

  test("nothing against something is 0, nothing against nothing is 1, one word has no pairs", () => {
    for (const kind of kinds) {
      const { score } = rouge({ kind, tokenizer: sentences });
      expect(score(item([]), text("the cat sat"))).toBe(0);
      expect(score(text("the cat sat"), item([]))).toBe(0);
      expect(score(item([]), item([]))).toBe(1);
      expect(score(text("cat"), text("cat"))).toBe(1);
    }
  });

  test("padding is no word", () => {
    const { score } = rouge({ kind: "1", tokenizer: sentences });
    const padded = item([...sentences.encode("the cat"), -1, -1, -1]);
    expect(score(padded, text("the cat sat"))).toBeCloseTo(4 / 5, 12);
  });

  test("special ids count as words only where they are asked for", () => {
    const tokenizer = wordPieceTokenizer();
    const [estimate, truth] = [text("the", tokenizer), text("good food", tokenizer)];
    expect(rouge({ kind: "1", tokenizer }).score(estimate, truth)).toBe(0);
    // [CLS] and [SEP] of 3 and 4.
    expect(rouge({ kind: "1", tokenizer, special: true }).score(estimate, truth)).toBeCloseTo(4 / 7, 12);
  });
});

describe("token accuracy and exact match", () => {
  test.each([
    [[7, 8, 9], [7, 8, 9], 1, 1],
    [[7, 9, 8], [7, 8, 9], 1 / 3, 0],
    [[7, 8], [7, 8, 9, 10], 2 / 4, 0],
    [[7, 8, 9, 10], [7, 8], 2 / 4, 0],
    [[8, 7, 8], [7, 8], 0, 0],
    [[7, 8, -1, -1], [7, 8], 1, 1],
    [[7, 8], [7, 8, -1], 1, 1],
    [[], [7], 0, 0],
  ])("%j against %j", (estimate, truth, accuracy, exact) => {
    expect(tokenAccuracy().score(item(estimate), item(truth))).toBeCloseTo(accuracy, 12);
    expect(exactMatch().score(item(estimate), item(truth))).toBe(exact);
  });
});

/** Different words of one piece each. */
const words =
  "good food service place time great back really movie film phone well much little people first work quality price".split(
    " ",
  );
const ids = words.map((word) => sentences.encode(word)[0]!);
const drawn = (rng: Rng): NdArray => item(rng.permutation(ids.length).map((i) => ids[i]!));
const metrics = [...kinds.map((kind) => rouge({ kind, tokenizer: sentences })), tokenAccuracy(), exactMatch()];
/** The first `count` ids replaced by one that no drawn item holds. */
const replaced =
  (count: number) =>
  (truth: NdArray): NdArray =>
    item(Array.from(truth.data, (id, t) => (t < count ? other : id)));
const other = sentences.encode("never")[0]!;
for (const metric of metrics) {
  const worse = metric.name === "exact" ? [replaced(0), replaced(1)] : [replaced(1), replaced(6), replaced(ids.length)];
  testMetric(() => metric, { shape: [ids.length], item: drawn, worse });
}
const upper = { case: (estimate: NdArray) => text(sentences.decode(Array.from(estimate.data)).toUpperCase()) };
testMetric(() => metrics[0]!, {
  shape: [ids.length],
  item: drawn,
  worse: [replaced(1), replaced(6)],
  invariant: upper,
});
