import { brownSamples, isHeldOut, plainSentence } from "../data/brown-sentences.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import { wordEncoder } from "./word-encoder.ts";

/** Sentences of the Brown corpus as ids. */
export interface BrownIds {
  /** What priors are built from: 95 % of the sentences. */
  readonly train: readonly (readonly number[])[];
  /** Every twentieth sentence, which no prior has seen. */
  readonly heldOut: readonly (readonly number[])[];
}

/**
 * The Brown corpus in the pieces of a vocabulary.
 *
 * @throws ReconError `missing-package`, `unreadable-text`.
 */
export function brownIds(tokenizer: Tokenizer): BrownIds {
  const sentences = brownSamples().flatMap((sample) => sample.lines().map(plainSentence));
  const encode = wordEncoder(
    tokenizer,
    sentences.filter((_, i) => i % 1000 === 0),
  );
  const ids = sentences.map(encode);
  return { train: ids.filter((_, i) => !isHeldOut(i)), heldOut: ids.filter((_, i) => isHeldOut(i)) };
}
