/** How exact an observation is, array by array, and how wide the unknown may be. */
import { unitRoundoff } from "../../exact/result.ts";
import type { Problem } from "../../problem.ts";
import { knownNoise } from "../conclude.ts";
import type { Accuracies } from "./weighted-residuals.ts";

/** Root mean square of every array; that of the smallest one that is not zero for those that are. */
export function sizesOf({ observation }: Problem): Accuracies {
  const sizes = Object.entries(observation).map(([name, { data }]): [string, number] => {
    let total = 0;
    for (const value of data) total += value * value;
    return [name, Math.sqrt(total / Math.max(1, data.length))];
  });
  const least = Math.min(...sizes.map(([, size]) => (size > 0 ? size : Number.POSITIVE_INFINITY)));
  return Object.fromEntries(sizes.map(([name, size]) => [name, size > 0 ? size : least]));
}

/** What an entry of every array is off by: the noise that is known to be there, or half of a unit in the last place of its size. */
export function accuraciesOf(problem: Problem, sizes: Accuracies): Accuracies {
  const rounding = roundings[problem.observationPrecision] * unitRoundoff[problem.observationPrecision];
  const noise = knownNoise(problem);
  return Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, Math.max(noise, rounding * size)]));
}

/** Units of rounding that an entry is off by: half of one where it was rounded once; float64 also carries that of the computation. */
const roundings = { float32: 0.5, float64: 50 };

/** Largest width of the box; undefined where it has no bounds. */
export function boxWidth({ lower, upper }: Problem["domain"]): number | undefined {
  let width = 0;
  upper.data.forEach((high, i) => {
    width = Math.max(width, high - lower.data[i % lower.data.length]!);
  });
  return Number.isFinite(width) && width > 0 ? width : undefined;
}
