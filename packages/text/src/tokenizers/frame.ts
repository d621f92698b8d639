import type { Tokenizer } from "./tokenizer.ts";

/** Ids that stand before and after those of any text, such as [CLS] and [SEP]. */
export interface Frame {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** What a tokenizer puts around every text: the ids for no text at the ends of the encoding of one letter. */
export function frameOf({ encode, special }: Tokenizer): Frame {
  const ids = encode("a");
  const first = ids.findIndex((id) => !special.has(id));
  if (first < 0) return { before: [], after: [] };
  return { before: ids.slice(0, first), after: ids.slice(ids.findLastIndex((id) => !special.has(id)) + 1) };
}
