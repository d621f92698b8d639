import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { fromFolder } from "./from-folder.ts";
import { tokenizerOf, tokenizerOption } from "./tokenizer-of.ts";
import { wordPieceDescription } from "./word-pieces.ts";

const root = mkdtempSync(join(tmpdir(), "recon-tokenizer-"));
afterAll(() => rmSync(root, { recursive: true }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, "model-"));
});
const write = (name: string, content: unknown): void =>
  writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));

const words = ["[UNK]", "[CLS]", "[SEP]", "good", "food", "##s", "Good"];

/** Byte pairs over the bytes of a few words, as a decoder has them: Ġ stands for a space. */
const bytePairs = {
  model: {
    type: "BPE",
    vocab: Object.fromEntries(
      ["g", "o", "d", "f", "Ġ", "go", "od", "Ġf", "good", "Ġfo", "Ġfood", "ð", "Ł", "ĺ", "Ģ", "<|endoftext|>"].map(
        (piece, id) => [piece, id],
      ),
    ),
    merges: ["g o", "o d", "Ġ f", "go od", "Ġf o", "Ġfo od"],
  },
  added_tokens: [{ id: 15, content: "<|endoftext|>", special: true }],
  pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
  decoder: { type: "ByteLevel" },
};

test("word pieces of a tokenizer.json", () => {
  write("tokenizer.json", wordPieceDescription(words, true));
  const tokenizer = fromFolder(folder);
  expect(tokenizer.encode("GOOD foods")).toEqual([1, 3, 4, 5, 2]);
  expect(tokenizer.decode([1, 3, 4, 5, 2])).toBe("good foods");
  expect([...tokenizer.special].sort()).toEqual([0, 1, 2]);
});

test("byte pairs of a tokenizer.json, whatever the characters", () => {
  write("tokenizer.json", bytePairs);
  write("tokenizer_config.json", { tokenizer_class: "GPT2Tokenizer" });
  const tokenizer = fromFolder(folder);
  expect(tokenizer.encode("good food").map((id) => tokenizer.pieces[id])).toEqual(["good", "Ġfood"]);
  const emoji = tokenizer.encode("😀good");
  expect(emoji.map((id) => tokenizer.pieces[id])).toEqual(["ð", "Ł", "ĺ", "Ģ", "good"]);
  expect(tokenizer.decode([...emoji, 15])).toBe("😀good");
  expect([...tokenizer.special]).toEqual([15]);
});

test("a plain vocabulary of one piece a line, in lower case unless it is said otherwise", () => {
  write("vocab.txt", `${words.join("\r\n")}\r\n`);
  expect(fromFolder(folder).encode("Good foods")).toEqual([1, 3, 4, 5, 2]);
  write("tokenizer_config.json", { do_lower_case: false });
  expect(fromFolder(folder).encode("Good foods")).toEqual([1, 6, 4, 5, 2]);
});

describe("what is no tokenizer is refused, naming the file", () => {
  test.each([
    ["no file", undefined, "vocab.txt"],
    ["cut off", '{"model": {"type": "WordPie', "tokenizer.json"],
    ["a list", [], "tokenizer.json"],
    ["no model", { added_tokens: [] }, "tokenizer.json"],
    ["added tokens without ids", { ...bytePairs, added_tokens: [null] }, "tokenizer.json"],
    ["an unknown kind", { model: { type: "Runes" } }, "describe"],
    ["an empty vocabulary", { model: { type: "WordPiece", vocab: {}, unk_token: "[UNK]" } }, "empty"],
  ])("%s", (_, content, named) => {
    if (content !== undefined) write("tokenizer.json", content);
    expect(() => fromFolder(folder)).toThrow(
      expect.objectContaining({ code: "tokenizer", message: expect.stringContaining(named) }),
    );
  });
});

test("the option of a data source", () => {
  write("vocab.txt", words.join("\n"));
  expect(tokenizerOf().pieces).toHaveLength(8000);
  expect(tokenizerOf({ folder }).pieces).toEqual(words);
  expect(() => tokenizerOf({ hub: "nobody/nothing" })).toThrow(expect.objectContaining({ code: "not-fetched" }));
  const { is } = tokenizerOption();
  for (const good of ["sentence-piece", { folder }, { hub: "a/b" }]) expect(is(good)).toBe(true);
  for (const bad of ["bert", { folder: "" }, { folder, hub: "a/b" }, {}, null, { path: folder }, 3])
    expect(is(bad)).toBe(false);
});
