import { expect, test } from "vitest";
import { wordPieces } from "./word-pieces.ts";

const vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "play", "##ing", "##s", "!", "cafe", "un", "##play"];
const tokenizer = wordPieces(vocabulary);
const divided = (text: string): string[] => tokenizer.encode(text).map((id) => tokenizer.pieces[id]!);

test("words are divided into the longest pieces from their beginning on, between [CLS] and [SEP]", () => {
  expect(tokenizer.encode("The playing plays!")).toEqual([2, 4, 5, 6, 5, 7, 8, 3]);
  expect(divided("unplays")).toEqual(["[CLS]", "un", "##play", "##s", "[SEP]"]);
  expect(divided("Café")).toEqual(["[CLS]", "cafe", "[SEP]"]);
});

test("a word that cannot be divided is unknown as a whole", () => {
  expect(divided("plays 😀 playx")).toEqual(["[CLS]", "play", "##s", "[UNK]", "[UNK]", "[SEP]"]);
});

test("an empty text is what stands around a text", () => {
  expect(divided("")).toEqual(["[CLS]", "[SEP]"]);
  expect(divided(" \n")).toEqual(["[CLS]", "[SEP]"]);
});

test("decoding leaves out what stands for no text, and ids that are no pieces", () => {
  expect(tokenizer.decode(tokenizer.encode("The playing plays!"))).toBe("the playing plays!");
  expect(tokenizer.decode([2, 0, 1, 4, 3, 99, -1])).toBe("the");
  expect([...tokenizer.special].sort()).toEqual([0, 1, 2, 3]);
});

test.each([
  ["[SEP]", vocabulary.filter((piece) => piece !== "[SEP]")],
  ['"play" twice', [...vocabulary, "play"]],
])("a vocabulary is refused: %s", (named, list) => {
  expect(() => wordPieces(list)).toThrow(
    expect.objectContaining({ code: "tokenizer", message: expect.stringContaining(named) }),
  );
});
