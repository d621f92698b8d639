import { referenceDomain, testDiscretePrior } from "@recon/core/testing";
import { expect, test } from "vitest";
import { textDomain } from "../domain.ts";
import { sentencePiece } from "../tokenizers/sentence-piece.ts";
import { languageModel } from "./language-model.ts";
import { wordEncoder } from "./word-encoder.ts";

const tokenizer = sentencePiece();

testDiscretePrior(() => languageModel({ strength: "none" }), { domain: textDomain({ tokenizer }) });

test("bad options and data that is no text are refused", () => {
  expect(() => languageModel({ strength: "bigram" } as object)).toThrow('"strength"');
  expect(() => languageModel().scorer(referenceDomain([3]))).toThrow(expect.objectContaining({ code: "shape" }));
});

test("words in turn give the ids of the whole text", () => {
  const texts = ["Hello there, world.", "  Two  spaces ", "naïve 🍕 text\nwith lines", ""];
  const encode = wordEncoder(tokenizer, ["Hello there."]);
  for (const text of texts) expect(encode(text)).toEqual(tokenizer.encode(text));
});

test("a vocabulary whose pieces span words is encoded whole", () => {
  const joined = { ...tokenizer, encode: (text: string) => [text.length + 6] };
  const encode = wordEncoder(joined, ["two words"]);
  expect(encode("two words")).toEqual([15]);
});
