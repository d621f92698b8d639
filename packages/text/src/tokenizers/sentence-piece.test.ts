import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installedPackage } from "@recon/core";
import { describe, expect, test } from "vitest";
import { sentencePiece } from "./sentence-piece.ts";

const tokenizer = sentencePiece();
const { pieces, logProbabilities, special } = tokenizer;

const fixtures = join(installedPackage("sentiment", "the test"), "test", "fixtures");
const sentences = ["amazon", "imdb", "yelp"].flatMap((name) =>
  (JSON.parse(readFileSync(join(fixtures, `${name}.json`), "utf8")) as { text: string }[])
    .slice(0, 60)
    .map(({ text }) => text),
);

/** Largest log-probability of any division of a text, by trying every last piece; −Infinity where there is none. */
function mostProbable(text: string): number {
  const known = new Map(pieces.map((piece, id) => [piece, logProbabilities![id]!]));
  const symbols = [...`▁${text.normalize("NFKC").trim().replace(/\s+/gu, "▁")}`];
  const best = [0];
  for (let end = 1; end <= symbols.length; end++) {
    best[end] = Number.NEGATIVE_INFINITY;
    for (let start = Math.max(0, end - 20); start < end; start++) {
      const value = known.get(symbols.slice(start, end).join(""));
      if (value !== undefined) best[end] = Math.max(best[end]!, best[start]! + value);
    }
  }
  return best.at(-1)!;
}

test("the division of real sentences is a most probable one, and gives the text back", () => {
  let divided = 0;
  for (const text of sentences) {
    const ids = tokenizer.encode(text);
    if (ids.includes(0)) continue;
    divided++;
    const total = ids.reduce((sum, id) => sum + logProbabilities![id]!, 0);
    expect(total).toBeCloseTo(mostProbable(text), 8);
    expect(tokenizer.decode(ids)).toBe(text.normalize("NFKC").trim().replace(/\s+/gu, " "));
  }
  expect(divided).toBeGreaterThan(170);
});

test("values that the published file lost lie between their neighbours, so that the list stays sorted", () => {
  expect(pieces).toHaveLength(8000);
  expect(pieces.slice(0, 7)).toEqual([
    "�",
    "<s>",
    "</s>",
    "extra_token_id_1",
    "extra_token_id_2",
    "extra_token_id_3",
    ".",
  ]);
  for (let id = 7; id < 8000; id++) expect(logProbabilities![id]).toBeLessThanOrEqual(logProbabilities![id - 1]!);
  const mass = logProbabilities!.reduce((sum, value) => sum + Math.exp(value), 0);
  expect(mass).toBeGreaterThan(0.9);
  expect(mass).toBeLessThan(1.1);
});

describe("odd texts", () => {
  const cases: readonly (readonly [string, string, readonly string[], string])[] = [
    ["empty text", "", [], ""],
    ["white space alone", " \t\n", [], ""],
    ["white space of any kind", "\u00a0a\u3000 \tb\n", ["▁a", "▁b"], "a b"],
    ["emoji, one unknown for a run", "I 😀👩‍👩‍👧 see", ["▁I", "▁", "�", "▁see"], "I  see"],
    ["another script", "日本語 text", ["▁", "�", "▁text"], "text"],
    ["ligatures and fractions", "ﬁne ½", ["▁fine", "▁1", "⁄", "2"], "fine 1⁄2"],
    ["an accent of its own", "cafe\u0301", ["▁ca", "f", "é"], "café"],
    ["half of a character", "\ud800 lone", ["▁", "�", "▁lo", "ne"], "lone"],
    ["the names of special pieces", "<s>", ["▁<", "s", ">"], "<s>"],
  ];
  test.each(cases)("%s", (_, text, expected, back) => {
    const ids = tokenizer.encode(text);
    expect(ids.map((id) => pieces[id])).toEqual(expected);
    expect(tokenizer.decode(ids)).toBe(back);
    expect(ids.filter((id) => special.has(id)).every((id) => id === 0)).toBe(true);
  });

  test("thousands of words", () => {
    expect(tokenizer.encode("word ".repeat(4000))).toEqual(new Array(4000).fill(pieces.indexOf("▁word")));
  });
});
