import type { Arrays } from "@recon/engine";
import type { EntryBounds } from "../../problem.ts";

/** Bounds of a value that is known: what was observed, where nothing happened to it. */
export function exactly(observed: Arrays): EntryBounds {
  return { lower: observed, upper: observed };
}

/** New bounds, tensor by tensor and entry by entry, in float64. `ofTensor` is called once a tensor and returns the map of its entries. */
export function mapBounds(
  { lower, upper }: EntryBounds,
  ofTensor: (
    lower: ArrayLike<number>,
    upper: ArrayLike<number>,
  ) => (low: number, high: number) => readonly [number, number],
): EntryBounds {
  const pairs = Object.entries(lower).map(([name, { shape, data: low }]) => {
    const high = upper[name]!.data;
    const map = ofTensor(low, high);
    const [below, above] = [new Float64Array(low.length), new Float64Array(low.length)];
    for (let i = 0; i < low.length; i++) {
      const [from, to] = map(low[i]!, high[i]!);
      below[i] = from;
      above[i] = to;
    }
    return [name, { shape, below, above }] as const;
  });
  return {
    lower: Object.fromEntries(pairs.map(([name, { shape, below }]) => [name, { shape, data: below }])),
    upper: Object.fromEntries(pairs.map(([name, { shape, above }]) => [name, { shape, data: above }])),
  };
}

/** Least and greatest magnitude of a value between bounds. */
export function magnitudes(low: number, high: number): readonly [number, number] {
  const greatest = Math.max(Math.abs(low), Math.abs(high));
  return [low <= 0 && high >= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high)), greatest];
}
