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
 * Special are the added tokens that the description calls so, and the unknown piece. A text that spells out one of them gets its id, as with any tokenizer of this
 * format. Ids that are no pieces are left out of decoded texts.
 *
 * @param configuration of tokenizer_config.json.
 * @throws ReconError `tokenizer` when the description is none, or its vocabulary is empty.
 */
export function fromDescription(
  name: string,
  description: TokenizerDescription,
  configuration: Readonly<Record<string, unknown>> = {},
): Tokenizer {
  const inner = implementationOf(name, description, configuration);
  const pieces = piecesOf(name, inner);
  const special = specialOf(description, pieces);
  return {
    name,
    pieces,
    special,
    encode: (text) => inner.encode(text).ids,
    decode: (ids) => {
      const shown = ids.filter((id) => pieces[id] !== undefined && !special.has(id));
      return shown.length === 0 ? "" : inner.decode(shown, { skip_special_tokens: true }).trim();
    },
  };
}

/** The library's tokenizer, made of a description that may leave out every part but the model. @throws ReconError `tokenizer`. */
export function implementationOf(
  name: string,
  description: TokenizerDescription,
  configuration: Readonly<Record<string, unknown>> = {},
): Implementation {
  const absent = { added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  try {
    return new Implementation({ ...absent, ...description }, configuration);
  } catch (cause) {
    throw new ReconError("tokenizer", `${name}: this does not describe a tokenizer: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function piecesOf(name: string, inner: Implementation): readonly string[] {
  const pieces: string[] = [];
  for (const [piece, id] of inner.get_vocab()) pieces[id] = piece;
  for (let id = 0; id < pieces.length; id++) pieces[id] ??= "";
  if (pieces.length > 0) return pieces;
  throw new ReconError("tokenizer", `${name}: the vocabulary is empty.`);
}

function specialOf({ model, added_tokens = [] }: TokenizerDescription, pieces: readonly string[]): ReadonlySet<number> {
  const special = new Set(added_tokens.filter((token) => token.special).map(({ id }) => id));
  const unknown = model.unk_id ?? (typeof model.unk_token === "string" ? pieces.indexOf(model.unk_token) : -1);
  if (typeof unknown === "number" && unknown >= 0) special.add(unknown);
  return special;
}
