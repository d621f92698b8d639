import { ReconError } from "@recon/core";
import { badOption } from "@recon/core/options";
import { implementationOf } from "./from-description.ts";
import { mergedPieces } from "./merged-pieces.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { specialPieces, type WordPiecesOptions, wordPieceDescription, wordPieces } from "./word-pieces.ts";

/**
 * Word pieces for a victim of one's own: a vocabulary of at most `size` pieces built from sentences, with the log-probabilities of its pieces in them.
 *
 * The vocabulary holds five special pieces, every character of the sentences (the most frequent ones where there are too many) and then, again and again, the most
 * frequent pair of neighbouring pieces in one word made into one, as byte-pair encoding does it. Of pairs equally frequent the first in the order of code units is
 * taken, so that equal sentences give equal vocabularies.
 *
 * @throws ReconError `bad-option` for a size below 10; `tokenizer` when the sentences have no word.
 * @see Sennrich, Haddow, Birch, "Neural machine translation of rare words with subword units", ACL 2016.
 */
export function trainWordPieces(sentences: Iterable<string>, size: number, options: WordPiecesOptions = {}): Tokenizer {
  if (!Number.isSafeInteger(size) || size < 10) {
    throw badOption("trainWordPieces", "size", size, "a whole number of at least 10");
  }
  const { lowercase = true, name = "word-pieces" } = options;
  const words = countWords(sentences, lowercase);
  if (words.size === 0) throw new ReconError("tokenizer", `${name}: the sentences have no word to learn pieces from.`);
  const learnt = mergedPieces(words, size - specialPieces.length);
  const tokenizer = wordPieces([...specialPieces, ...learnt], { lowercase, name });
  return { ...tokenizer, logProbabilities: logProbabilitiesIn(tokenizer, words) };
}

/** How often every word occurs, divided as the finished tokenizer divides them. */
function countWords(sentences: Iterable<string>, lowercase: boolean): ReadonlyMap<string, number> {
  const { normalizer, pre_tokenizer } = implementationOf("word-pieces", wordPieceDescription(specialPieces, lowercase));
  const counts = new Map<string, number>();
  for (const sentence of sentences) {
    for (const word of pre_tokenizer!.pre_tokenize(normalizer!.normalize(sentence))) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return counts;
}

/** log of (n + 1) / Σ (n + 1) for a piece that occurs n times; −Infinity for special ones. */
function logProbabilitiesIn({ encode, pieces, special }: Tokenizer, words: ReadonlyMap<string, number>): Float64Array {
  const counts = Float64Array.from(pieces, (_, id) => (special.has(id) ? 0 : 1));
  for (const [word, count] of words) {
    for (const id of encode(word)) if (!special.has(id)) counts[id]! += count;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => Math.log(count / total));
}
