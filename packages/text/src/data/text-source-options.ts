import { type Checks, integer } from "@recon/core/options";
import { type TextDomain, textDomain } from "../domain.ts";
import { type TokenizerOption, tokenizerOf, tokenizerOption } from "../tokenizers/tokenizer-of.ts";

/** What every source of texts can be told. */
export interface TextSourceOptions {
  /** Number of items; all that can be used unless said. */
  readonly count?: number;
  /** Most ids of one text, 64 unless said; longer ones are left out, never cut. */
  readonly max_length?: number;
  /** How texts become ids; `sentence-piece` unless said. It must be the one that the model was made for. */
  readonly tokenizer?: TokenizerOption;
}

export const textSourceChecks: Checks<TextSourceOptions> = {
  count: integer(1, 1_000_000),
  max_length: integer(1, 100_000),
  tokenizer: tokenizerOption(),
};

/** The domain of a source of texts. */
export function domainOf({ max_length = 64, tokenizer }: TextSourceOptions): TextDomain {
  return textDomain({ tokenizer: tokenizerOf(tokenizer), maxLength: max_length });
}
