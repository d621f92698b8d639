import { rng } from "@recon/core";

/** 95 % bootstrap interval of the mean. To be replaced by core's. */
export function meanInterval(values: readonly number[], seed: string): { lower: number; upper: number } {
  const stream = rng(seed);
  const means = Array.from({ length: 2000 }, () => {
    let sum = 0;
    for (let k = 0; k < values.length; k++) sum += values[stream.integer(values.length)] ?? 0;
    return sum / values.length;
  }).sort((a, b) => a - b);
  return { lower: means[49] ?? Number.NaN, upper: means[1950] ?? Number.NaN };
}
