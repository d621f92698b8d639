import type { Picture } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { expect, test } from "vitest";
import { wordPieceTokenizer } from "./fixtures/word-piece-tokenizer.ts";
import { renderText } from "./render-text.ts";
import { sentencePiece } from "./tokenizers/sentence-piece.ts";
import type { Tokenizer } from "./tokenizers/tokenizer.ts";

const batchItem = (ids: readonly number[]): NdArray => ({ shape: [ids.length], data: Float64Array.from(ids) });

function spans(pictures: readonly Picture[], title: string): string[] {
  const picture = pictures.find((found) => found.title === title);
  if (picture === undefined || !("spans" in picture)) throw new Error(`no ${title}`);
  return picture.spans.map(({ text, mark }) => (mark === "" ? text : `${text}:${mark}`));
}

const item = (text: string, tokenizer: Tokenizer, padded = 0): NdArray =>
  batchItem([...tokenizer.encode(text), ...new Array<number>(padded).fill(-1)]);

const sentences = sentencePiece();

test("pieces are marked by place, and a piece that is used up is wrong the next time", () => {
  const pictures = renderText(
    { estimate: item("good the food good", sentences), truth: item("good food is here now", sentences, 3) },
    sentences,
  );
  expect(spans(pictures, "Reconstruction")).toEqual([
    "good:right",
    " ",
    "the:wrong",
    " ",
    "food:elsewhere",
    " ",
    "good:wrong",
  ]);
  expect(spans(pictures, "Original").join("")).toBe("good food is here now");
  expect(pictures[0]!.caption).toBe("1 of 5 pieces are in their place.");
});

test("without an original only confidence is shown, with one it is added", () => {
  const estimate = item("good food", sentences, 1);
  const uncertainty = batchItem([0, 3, 0]);
  expect(spans(renderText({ estimate, uncertainty }, sentences), "Reconstruction")).toEqual([
    "good:sure",
    " ",
    "food:unsure",
  ]);
  expect(spans(renderText({ estimate, uncertainty, truth: estimate }, sentences), "Reconstruction")).toEqual([
    "good:right sure",
    " ",
    "food:right unsure",
  ]);
  expect(spans(renderText({ estimate }, sentences), "Reconstruction")).toEqual(["good food"]);
});

test("word pieces are put together, and special ones stand apart", () => {
  const tokenizer = wordPieceTokenizer();
  const truth = item("unwanted food.", tokenizer);
  expect(spans(renderText({ truth }, tokenizer), "Original").join("")).toBe("[CLS] unwanted food. [SEP]");
});
