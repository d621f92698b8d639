import type { TextDomain } from "../../domain.ts";
import { frameOf } from "../../tokenizers/frame.ts";

/** A place of a text: ids that may stand there; a single one is known. */
export type Place = readonly number[];

/**
 * What may stand at every place of texts of known lengths: the special ids that the tokenizer puts around a text, and between them any id that stands for text.
 *
 * @param among ids that may occur; all unless given.
 */
export function placesOf(
  { tokenizer }: TextDomain,
  lengths: readonly number[],
  among: readonly number[] = tokenizer.pieces.map((_, id) => id),
): readonly (readonly Place[])[] {
  const { before, after } = frameOf(tokenizer);
  const inner = among.filter((id) => !tokenizer.special.has(id));
  return lengths.map((length) =>
    Array.from({ length }, (_, t): Place => {
      const known = t < before.length ? before[t] : after[t - (length - after.length)];
      return known === undefined ? inner : [known];
    }),
  );
}
