import { expect, test } from "vitest";
import { textDomain } from "./domain.ts";
import { wordPieceTokenizer } from "./fixtures/word-piece-tokenizer.ts";
import { frequencySource } from "./frequent-pieces.ts";
import { idsOf } from "./ids.ts";
import { sentencePiece } from "./tokenizers/sentence-piece.ts";

const domain = textDomain({ tokenizer: sentencePiece() });

test("the blind guess is frequent words with a full stop, as long as it is asked to be", () => {
  const read = (length: number): string => domain.tokenizer.decode(idsOf(domain.blind([length])));
  expect(read(4)).toBe("the to a.");
  expect(read(1)).toBe("the");
  for (const length of [2, 64, 2000]) expect(domain.blind([length]).shape).toEqual([length]);
  expect(domain.options).toMatchObject({ guess: "vocabulary", maxLength: 64 });
});

test("without probabilities the words of the Brown corpus are counted, and special ids stand where they belong", () => {
  const tokenizer = wordPieceTokenizer();
  expect(frequencySource(tokenizer)).toBe("brown");
  const { blind } = textDomain({ tokenizer });
  const pieces = (length: number): string[] => idsOf(blind([length])).map((id) => tokenizer.pieces[id]!);
  expect(pieces(5)).toEqual(["[CLS]", "the", "is", ".", "[SEP]"]);
  expect(pieces(2)).toEqual(["[CLS]", "[SEP]"]);
});

test("an attacker who is told lengths gets those of the texts, not of the batch", () => {
  const batch = { shape: [2, 4], data: Float64Array.of(7, 8, 9, 6, 7, 8, -1, -1) };
  expect(domain.told!.sequenceLengths!(batch)).toEqual([4, 2]);
});

test("ids of a batch are those before the padding", () => {
  expect(idsOf({ shape: [4], data: Float64Array.of(7, 8, -1, -1) })).toEqual([7, 8]);
});

test.each([[{ maxLength: 0 }], [{ maxLength: 1.5 }]])("bad options %j", (options) => {
  expect(() => textDomain({ tokenizer: domain.tokenizer, ...options })).toThrow('"maxLength"');
});
