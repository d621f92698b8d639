import type { Domain, Metric } from "@recon/core";
import { badOption, checkOptions, integer } from "@recon/core/options";
import type { NdArray } from "@recon/engine";
import { type FrequentPieces, frequencySource, frequentPieces } from "./frequent-pieces.ts";
import { noToken } from "./ids.ts";
import { exactMatch } from "./metrics/exact-match.ts";
import { rouge } from "./metrics/rouge.ts";
import { tokenAccuracy } from "./metrics/token-accuracy.ts";
import { renderText } from "./render-text.ts";
import { type Frame, frameOf } from "./tokenizers/frame.ts";
import type { Tokenizer } from "./tokenizers/tokenizer.ts";

export interface TextDomainOptions {
  readonly tokenizer: Tokenizer;
  /** Most ids of one text, 64 unless said. */
  readonly maxLength?: number;
}

/** Texts as a `Domain`: items are ids [T], batches are filled up with −1. */
export interface TextDomain extends Domain {
  readonly tokenizer: Tokenizer;
  readonly maxLength: number;
}

/** Whether a domain is that of texts. */
export function isTextDomain(domain: Domain): domain is TextDomain {
  return "tokenizer" in domain && "maxLength" in domain;
}

/**
 * Texts as sequences of ids.
 *
 * Metrics: ROUGE-1, -2 and -L on words, special ids left out; the same with special ids counted as words, which is what the literature reports and has a
 * floor above zero; the share of places with the right id; and whether all are right. The blind guess is
 * the most frequent words and a full stop, by the vocabulary's probabilities, else by counts in the Brown corpus where it is installed, else by the vocabulary's order.
 *
 * @throws ReconError `bad-option`.
 */
export function textDomain({ tokenizer, maxLength = 64 }: TextDomainOptions): TextDomain {
  checkOptions("textDomain", { maxLength }, { maxLength: integer(1, 100_000) });
  const size = tokenizer.pieces.length;
  if (size === 0) throw badOption("textDomain", "tokenizer", tokenizer.name, "one with a vocabulary");
  const metrics: readonly Metric[] = [
    rouge({ kind: "1", tokenizer }),
    rouge({ kind: "2", tokenizer }),
    rouge({ kind: "l", tokenizer }),
    rouge({ kind: "1", tokenizer, special: true }),
    tokenAccuracy(),
    exactMatch(),
  ];
  const source = frequencySource(tokenizer);
  const frame = frameOf(tokenizer);
  // Counting takes a second where the vocabulary has no probabilities.
  let frequent: FrequentPieces | undefined;
  return {
    name: "text",
    options: { tokenizer: tokenizer.name, maxLength, guess: source },
    tokenizer,
    maxLength,
    padding: noToken,
    lower: { shape: [1], data: Float64Array.of(0) },
    upper: { shape: [1], data: Float64Array.of(size - 1) },
    metrics,
    told: {
      sequenceLengths: ({ shape: [batch = 0, length = 0], data }) =>
        Array.from(
          { length: batch },
          (_, i) =>
            Array.from(data)
              .slice(i * length, (i + 1) * length)
              .filter((id) => id >= 0).length,
        ),
    },
    blind: ({ 0: length = 1 }) => {
      frequent ??= frequentPieces(tokenizer, source);
      return blindGuess(length, frequent, frame);
    },
    render: async (item) => renderText(item, tokenizer),
  };
}

/** The most frequent words, then the most frequent mark, with what the tokenizer puts around every text: [length]. */
function blindGuess(length: number, { words, mark }: FrequentPieces, { before, after }: Frame): NdArray {
  const room = Math.max(0, length - before.length - after.length);
  const ids = Array.from({ length: room }, (_, i) => words[i % words.length]!);
  if (room > 1 && mark !== undefined) ids[room - 1] = mark;
  return { shape: [length], data: Float64Array.from([...before, ...ids, ...after].slice(0, length)) };
}
