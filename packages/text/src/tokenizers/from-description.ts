import { Tokenizer as Implementation } from "@huggingface/tokenizers";
import { ReconError } from "@recon/core";
import type { Tokenizer } from "./tokenizer.ts";

/** What a tokenizer.json says, as far as it is needed here. */
export interface TokenizerDescription {
  readonly model: Readonly<Record<string, unknown>>;
  readonly added_tokens?: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
  readonly [part: string]: unknown;
}

/**
 * A tokenizer of any kind that a tokenizer.json can describe: unigram, word pieces, byte pairs.
 *
 * @param configuration of tokenizer_config.json.
 * @throws ReconError `tokenizer` when the description is none.
 */
export function fromDescription(
  name: string,
  description: TokenizerDescription,
  configuration: Readonly<Record<string, unknown>> = {},
): Tokenizer {
  const { added_tokens = [] } = description;
  let inner: Implementation;
  try {
    inner = new Implementation(
      { added_tokens, normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, ...description },
      configuration,
    );
  } catch (cause) {
    throw new ReconError("tokenizer", `${name}: this does not describe a tokenizer: ${(cause as Error).message}`, {
      cause,
    });
  }
  const pieces = piecesOf(name, inner);
  const special = new Set(added_tokens.filter((token) => token.special).map(({ id }) => id));
  return {
    name,
    pieces,
    special,
    encode: (text) => inner.encode(text).ids,
    decode: (ids) => (ids.length === 0 ? "" : inner.decode([...ids], { skip_special_tokens: true }).trim()),
  };
}

function piecesOf(name: string, inner: Implementation): readonly string[] {
  const pieces: string[] = [];
  for (const [piece, id] of inner.get_vocab()) pieces[id] = piece;
  for (let id = 0; id < pieces.length; id++) pieces[id] ??= "";
  if (pieces.length > 0) return pieces;
  throw new ReconError("tokenizer", `${name}: the vocabulary is empty.`);
}
