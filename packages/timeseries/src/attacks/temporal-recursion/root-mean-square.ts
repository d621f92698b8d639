import type { NdArray } from "@recon/engine";

/** √ mean x² over all entries. */
export function rootMeanSquare({ data }: NdArray): number {
  let total = 0;
  for (const value of data) total += value * value;
  return Math.sqrt(total / Math.max(1, data.length));
}
