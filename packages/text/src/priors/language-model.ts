import { type DiscretePrior, type DiscreteScorer, ReconError } from "@recon/core";
import { checkOptions, oneOf } from "@recon/core/options";
import { isTextDomain } from "../domain.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import { brownIds } from "./brown-ids.ts";
import { kneserNey } from "./kneser-ney.ts";
import { type SequenceModel, uniformModel, unigramModel } from "./sequence-model.ts";
import { sequenceScorer } from "./sequence-scorer.ts";

/** How much of the language a prior knows: nothing, which pieces are frequent, or which follow which. */
export type Strength = keyof typeof models;

export interface LanguageModelOptions {
  /** `trigram` unless said. */
  readonly strength?: Strength;
}

const models = {
  none: ({ pieces }: Tokenizer): SequenceModel => uniformModel(pieces.length),
  unigram: (tokenizer: Tokenizer): SequenceModel => unigramModel(brownIds(tokenizer).train, tokenizer.pieces.length),
  trigram: (tokenizer: Tokenizer): SequenceModel => kneserNey(brownIds(tokenizer).train, tokenizer.pieces.length),
} as const;

const strengths = Object.keys(models) as readonly Strength[];

/**
 * A language model over the victim's own pieces, counted in 95 % of the sentences of the Brown corpus: interpolated Kneser-Ney trigrams, or weaker.
 *
 * It is counted when the first text is scored, which takes seconds, and kept for each vocabulary.
 *
 * @throws ReconError `bad-option`; `shape` for a domain that is not text; `missing-package` without the corpus.
 * @see kneserNey
 */
export function languageModel(options: LanguageModelOptions = {}): DiscretePrior {
  checkOptions("language-model", options, { strength: oneOf(strengths) });
  const { strength = "trigram" } = options;
  const built = new WeakMap<Tokenizer, DiscreteScorer>();
  return {
    kind: "discrete",
    name: "language-model",
    options: { strength },
    scorer: (domain) => {
      if (!isTextDomain(domain)) {
        throw new ReconError(
          "shape",
          `language-model scores texts, and the data is of the domain ${domain.name}. Choose another prior.`,
        );
      }
      const { tokenizer } = domain;
      const scorer = built.get(tokenizer) ?? sequenceScorer(models[strength](tokenizer));
      built.set(tokenizer, scorer);
      return scorer;
    },
  };
}
