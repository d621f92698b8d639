/** Round numbers in [low, high], at most about `most` of them: multiples of 1, 2 or 5 times a power of ten. */
export function roundTicks(low: number, high: number, most: number): readonly number[] {
  const least = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10) * power;
  return multiples(step, low, high);
}

/** Steps to label on an axis of `length` steps: whole cycles where there are any, else round numbers. */
export function stepTicks(length: number, period: number | undefined, most: number): readonly number[] {
  if (period === undefined || period > length) return roundTicks(0, length, most).filter(Number.isInteger);
  const cycles = Math.ceil(length / period / most);
  return multiples(cycles * period, 0, length);
}

/** Powers of ten that span the values, at most about `most` of them. */
export function decades(low: number, high: number, most: number): readonly number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.max(first + 1, Math.ceil(Math.log10(high)));
  const stride = Math.ceil((last - first) / most);
  return Array.from({ length: Math.ceil((last - first) / stride) + 1 }, (_, i) => 10 ** (first + i * stride));
}

function multiples(step: number, low: number, high: number): readonly number[] {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}
