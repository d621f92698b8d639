import type { Arrays } from "@recon/engine";

/** Σ g² over all entries of all arrays. */
export function squaredNorm(arrays: Arrays): number {
  let total = 0;
  for (const { data } of Object.values(arrays)) for (let i = 0; i < data.length; i++) total += data[i]! * data[i]!;
  return total;
}

/** Number of entries of all arrays. */
export function entryCount(arrays: Arrays): number {
  return Object.values(arrays).reduce((total, { data }) => total + data.length, 0);
}

/** New arrays with f applied to every entry, in the order of names and entries; float32 stays float32. */
export function mapArrays(arrays: Arrays, f: (value: number) => number): Arrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => {
      const result = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length);
      for (let i = 0; i < data.length; i++) result[i] = f(data[i]!);
      return [name, { shape, data: result }];
    }),
  );
}

/** The largest magnitude, 0 of nothing. */
export function largestMagnitude(data: ArrayLike<number>): number {
  let found = 0;
  for (let i = 0; i < data.length; i++) found = Math.max(found, Math.abs(data[i]!));
  return found;
}
