import type { NdArray } from "@recon/engine";

/** What stands where a text of a batch has ended. */
export const noToken = -1;

/** Ids of an item, without what it was filled up with. */
export function idsOf({ data }: NdArray): number[] {
  return Array.from(data).filter((id) => id >= 0);
}
