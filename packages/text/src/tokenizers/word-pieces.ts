import { ReconError } from "@recon/core";
import { fromDescription, type TokenizerDescription } from "./from-description.ts";
import type { Tokenizer } from "./tokenizer.ts";

export interface WordPiecesOptions {
  /** Whether texts are put in lower case, without accents; true unless said. */
  readonly lowercase?: boolean;
  /** Name of the tokenizer in reports; `word-pieces` unless said. */
  readonly name?: string;
}

/** Pieces that stand for no text. The first three are needed to divide one; the others are known where the vocabulary has them. */
export const specialPieces = ["[CLS]", "[SEP]", "[UNK]", "[PAD]", "[MASK]"] as const;

const [begin, end, unknown] = specialPieces;

/**
 * Word pieces of a plain vocabulary, the id of a piece being its place in the list; `##` begins a piece that continues a word.
 *
 * A text is put in lower case, divided at white space and punctuation, and every word into the longest pieces from its beginning on; a word that cannot be divided is
 * `[UNK]` as a whole. `[CLS]` stands before it and `[SEP]` after it.
 *
 * @throws ReconError `tokenizer` when the vocabulary lacks `[CLS]`, `[SEP]` or `[UNK]`, or names a piece twice.
 * @see Devlin et al., "BERT: pre-training of deep bidirectional transformers for language understanding", NAACL 2019.
 */
export function wordPieces(
  vocabulary: readonly string[],
  { lowercase = true, name = "word-pieces" }: WordPiecesOptions = {},
): Tokenizer {
  const missing = [begin, end, unknown].find((piece) => !vocabulary.includes(piece));
  if (missing !== undefined) throw new ReconError("tokenizer", `${name}: the vocabulary has no piece ${missing}.`);
  const distinct = new Set(vocabulary);
  if (distinct.size < vocabulary.length) {
    const twice = vocabulary.find((piece, id) => vocabulary.indexOf(piece) !== id);
    throw new ReconError("tokenizer", `${name}: the vocabulary names the piece ${JSON.stringify(twice)} twice.`);
  }
  return fromDescription(name, wordPieceDescription(vocabulary, lowercase));
}

/** How texts are divided, as a tokenizer.json would say it. */
export function wordPieceDescription(vocabulary: readonly string[], lowercase: boolean): TokenizerDescription {
  const idOf = (piece: string): number => vocabulary.indexOf(piece);
  const bertNormalizer = { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: null };
  const around = (piece: string): object => ({ SpecialToken: { id: piece, type_id: 0 } });
  return {
    model: {
      type: "WordPiece",
      unk_token: unknown,
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((piece, id) => [piece, id])),
    },
    added_tokens: specialPieces
      .filter((piece) => idOf(piece) >= 0)
      .map((content) => ({ id: idOf(content), content, special: true })),
    normalizer: { ...bertNormalizer, lowercase },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [around(begin), { Sequence: { id: "A", type_id: 0 } }, around(end)],
      special_tokens: Object.fromEntries([begin, end].map((id) => [id, { id, ids: [idOf(id)], tokens: [id] }])),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  };
}
