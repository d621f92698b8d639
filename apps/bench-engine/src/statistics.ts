/** The value in the middle, the mean of two where there are two. NaN for none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The 95 % interval of the median by resampling `values` 400 times; `uniform` draws numbers from [0, 1). */
export function medianInterval(values: readonly number[], uniform: () => number): readonly [number, number] {
  const medians = Array.from({ length: 400 }, () =>
    median(Array.from(values, () => values[Math.floor(uniform() * values.length)]!)),
  ).sort((a, b) => a - b);
  return [medians[9]!, medians[389]!];
}
