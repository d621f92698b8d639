import type { TextDomain } from "../../domain.ts";
import type { Tokenizer } from "../../tokenizers/tokenizer.ts";

/** A place of a text: ids that may stand there; a single one is known. */
export type Place = readonly number[];

/** Special ids that a tokenizer puts before and after every text. */
export interface Frame {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Reads off what a tokenizer puts around a text. */
export function frameOf({ encode, decode, special, pieces }: Tokenizer): Frame {
  const ordinary = (id: number): boolean => !special.has(id);
  for (let id = 0; id < pieces.length; id++) {
    const text = ordinary(id) ? decode([id]) : "";
    const ids = text === "" ? [] : encode(text);
    const first = ids.findIndex(ordinary);
    if (first >= 0) return { before: ids.slice(0, first), after: ids.slice(ids.findLastIndex(ordinary) + 1) };
  }
  return { before: [], after: [] };
}

/**
 * What may stand at every place of texts of known lengths: the special ids that the tokenizer puts around a text, and any other id between them.
 *
 * A text of the greatest length may have been cut, so what stands at its end is open.
 *
 * @param among ids that may occur; all unless given.
 */
export function placesOf(
  { tokenizer, maxLength }: TextDomain,
  lengths: readonly number[],
  among: readonly number[] = tokenizer.pieces.map((_, id) => id),
): readonly (readonly Place[])[] {
  const { before, after } = frameOf(tokenizer);
  const inner = among.filter((id) => !tokenizer.special.has(id));
  const open = [...inner, ...after.filter((id) => among.includes(id))];
  return lengths.map((length) =>
    Array.from({ length }, (_, t): Place => {
      if (t < before.length && t < length) return [before[t]!];
      const fromEnd = t - (length - after.length);
      if (fromEnd < 0) return inner;
      return length < maxLength ? [after[fromEnd]!] : open;
    }),
  );
}
