import { type Checks, integer } from "@recon/core/options";
import { type TextDomain, textDomain } from "../domain.ts";
import { sentencePiece } from "../tokenizers/sentence-piece.ts";

/** What every source of texts can be told. */
export interface TextSourceOptions {
  /** Number of items; all that can be used unless said. */
  readonly count?: number;
  /** Most ids of one text, 64 unless said; longer ones are left out, never cut. */
  readonly max_length?: number;
}

export const textSourceChecks: Checks<TextSourceOptions> = {
  count: integer(1, 1_000_000),
  max_length: integer(1, 100_000),
};

/** The domain of a source of texts. */
export function domainOf({ max_length = 64 }: TextSourceOptions): TextDomain {
  return textDomain({ tokenizer: sentencePiece(), maxLength: max_length });
}
