import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installedPackage } from "@recon/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mergedPieces } from "./merged-pieces.ts";
import { trainWordPieces } from "./train-word-pieces.ts";

const file = join(installedPackage("sentiment", "the test"), "test", "fixtures", "yelp.json");
const sentences = (JSON.parse(readFileSync(file, "utf8")) as { text: string }[])
  .map(({ text }) => text)
  .filter((text) => text !== "");

test("real sentences give a vocabulary of the size that was asked for, which divides all of them and gives their words back", () => {
  const tokenizer = trainWordPieces(sentences, 1000);
  expect(tokenizer.pieces).toHaveLength(1000);
  expect(tokenizer.pieces).toEqual(expect.arrayContaining(["the", "food", "##ing", "service"]));
  let ids = 0;
  let characters = 0;
  for (const text of sentences) {
    const found = tokenizer.encode(text);
    expect(found).not.toContain(tokenizer.pieces.indexOf("[UNK]"));
    const plain = (words: string): string =>
      words
        .toLowerCase()
        .normalize("NFD")
        .replace(/\p{Mn}|\s/gu, "");
    expect(plain(tokenizer.decode(found))).toBe(plain(text));
    ids += found.length - 2;
    characters += text.length;
  }
  expect(characters / ids).toBeGreaterThan(3);
});

test("log-probabilities are those of a distribution over the pieces that stand for text", () => {
  const { logProbabilities, pieces, special } = trainWordPieces(sentences, 300);
  expect(logProbabilities!.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 12);
  for (const id of special) expect(logProbabilities![id]).toBe(Number.NEGATIVE_INFINITY);
  expect(logProbabilities![pieces.indexOf("the")]).toBeGreaterThan(logProbabilities![pieces.indexOf("food")]!);
});

test("the order of equal sentences does not matter, and a small vocabulary is the beginning of a larger one", () => {
  const [one, other] = [trainWordPieces(sentences, 400), trainWordPieces(sentences.toReversed(), 400)];
  expect(other.pieces).toEqual(one.pieces);
  expect(trainWordPieces(sentences, 300).pieces).toEqual(one.pieces.slice(0, 300));
});

test("pairs are merged in the order of their counts", () => {
  const words = new Map([
    ["low", 5],
    ["lower", 2],
    ["newest", 6],
    ["widest", 3],
  ]);
  // e-s 9 before s-t 9 by order, then es-t 9; l-o 7 before o-w 7; then lo-w 7.
  const merges = mergedPieces(words, 100).filter((piece) => piece.replace("##", "").length > 1);
  expect(merges.slice(0, 4)).toEqual(["##es", "##est", "##ow", "low"]);
  expect(merges).toEqual(expect.arrayContaining(["newest", "widest", "lower"]));
});

test("what is merged step by step is what counting anew at every step gives", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 8 }), fc.integer({ min: 3, max: 20 }), (list, most) => {
      const words = new Map(list.map((text, i) => [text, 1 + ((i * 7) % 5)]));
      expect(mergedPieces(words, most)).toEqual(slowlyMerged(words, most));
    }),
    { numRuns: 100 },
  );
});

/** The same by counting all pairs before every merge. */
function slowlyMerged(words: ReadonlyMap<string, number>, most: number): readonly string[] {
  let divided = [...words].map(([word, count]) => ({
    pieces: [...word].map((c, i) => (i === 0 ? c : `##${c}`)),
    count,
  }));
  const characters: Record<string, number> = {};
  for (const { pieces, count } of divided)
    for (const piece of pieces) characters[piece] = (characters[piece] ?? 0) + count;
  const sorted = Object.entries(characters).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const found = sorted.map(([piece]) => piece).slice(0, most);
  divided = divided.filter(({ pieces }) => pieces.every((piece) => found.includes(piece)));
  while (found.length < most) {
    const pairs: Record<string, number> = {};
    for (const { pieces, count } of divided) {
      for (let i = 1; i < pieces.length; i++) {
        const pair = `${pieces[i - 1]}\u0000${pieces[i]}`;
        pairs[pair] = (pairs[pair] ?? 0) + count;
      }
    }
    const [best] = Object.entries(pairs).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    if (best === undefined) break;
    const [left, right] = best[0].split("\u0000") as [string, string];
    const merged = left + right.slice(2);
    for (const one of divided) {
      for (let i = 0; i + 1 < one.pieces.length; i++) {
        if (one.pieces[i] === left && one.pieces[i + 1] === right) one.pieces.splice(i, 2, merged);
      }
    }
    if (!found.includes(merged)) found.push(merged);
  }
  return found;
}

test("refuses a size below ten and sentences without a word", () => {
  expect(() => trainWordPieces(sentences, 9)).toThrow(expect.objectContaining({ code: "bad-option" }));
  expect(() => trainWordPieces(["", " \n"], 100)).toThrow(expect.objectContaining({ code: "tokenizer" }));
});
