import type { NdArray } from "@recon/engine";

/** What stands where a text of a batch has ended. */
export const noToken = -1;

/** Ids of an item, without what it was filled up with. */
export function idsOf({ data }: NdArray): number[] {
  return Array.from(data).filter((id) => id >= 0);
}

/** Ids of several texts as one batch [B, T], filled up to the longest, or to so many places. */
export function batchOfIds(
  texts: readonly (readonly number[])[],
  places = 0,
): NdArray & { readonly data: Float64Array } {
  const longest = texts.reduce((most, { length }) => Math.max(most, length), places);
  const data = new Float64Array(texts.length * longest).fill(noToken);
  texts.forEach((ids, i) => {
    data.set(ids, i * longest);
  });
  return { shape: [texts.length, longest], data };
}
