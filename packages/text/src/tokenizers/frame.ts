import type { Tokenizer } from "./tokenizer.ts";

/** Ids that stand before and after those of any text, such as [CLS] and [SEP]. */
export interface Frame {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** What a tokenizer puts around every text: all that it puts around none, divided where a letter comes in. */
export function frameOf({ encode, special }: Tokenizer): Frame {
  const around = encode("").filter((id) => special.has(id));
  const letter = encode("a");
  const changed = around.findIndex((id, t) => letter[t] !== id);
  const before = changed < 0 ? around.length : changed;
  return { before: around.slice(0, before), after: around.slice(before) };
}
