/** How exact an observation is, array by array, and how wide the unknown may be. */
import type { Arrays, NdArray } from "@recon/engine";
import { unitRoundoff } from "../../exact/result.ts";
import type { Problem } from "../../problem.ts";
import { knownNoise } from "../conclude.ts";
import type { Accuracies } from "./weighted-residuals.ts";

/** One number for every array of an observation, by name. */
export type Sizes = Readonly<Record<string, number>>;

/** Root mean square of every array; that of the smallest one that is not zero for those that are. */
export function sizesOf({ observation }: Problem): Sizes {
  const sizes = Object.entries(observation).map(([name, { data }]): [string, number] => {
    let total = 0;
    for (const value of data) total += value * value;
    return [name, Math.sqrt(total / Math.max(1, data.length))];
  });
  const least = Math.min(...sizes.map(([, size]) => (size > 0 ? size : Number.POSITIVE_INFINITY)));
  return Object.fromEntries(sizes.map(([name, size]) => [name, size > 0 ? size : least]));
}

/** What an entry of every array is off by, all of an array alike: the noise that is known to be there, or half of a unit in the last place of its size. */
export function accuraciesOf(problem: Problem, sizes: Sizes): Sizes {
  const rounding = roundings[problem.observationPrecision] * unitRoundoff[problem.observationPrecision];
  const noise = knownNoise(problem);
  return Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, Math.max(noise, rounding * size)]));
}

/** Units of rounding that an entry is off by: half of one where it was rounded once; float64 also carries that of the computation. */
const roundings = { float32: 0.5, float64: 50 };

/** Units of rounding that the largest entries of an array are off by, and the least size of an entry as a share of its array's. */
const computed = 5;
const leastShare = 1e-7;

/**
 * What every single entry is off by where the victim computed in working precision: the noise that is known to be there, or
 *
 *     σ_ij = 5 u √(m_ij M),   m_ij = ‖row i‖ ‖column j‖ / ‖array‖
 *
 * with u the unit roundoff, M the root mean square of the array and m_ij in the same units; of a vector m_i is the entry itself. A gradient of many steps is a sum whose terms carry
 * the rounding of everything before them: what rows of little size are off by lies halfway, on a logarithmic scale, between their own rounding and that
 * of the largest rows. Over seven decades of m, in recurrent nets of two kinds, drawn and trained, it holds to within a factor of four.
 */
export function entryAccuracies(problem: Problem, observation: Arrays, sizes: Sizes): Accuracies {
  const noise = knownNoise(problem);
  const rounding = computed * unitRoundoff[problem.observationPrecision];
  return Object.fromEntries(
    Object.entries(observation).map(([name, array]) => {
      const size = sizes[name]!;
      const off = (own: number): number => rounding * Math.sqrt(Math.max(own, leastShare * size) * size);
      return [name, expectedSizes(array).map((own) => Math.max(noise, off(own)))];
    }),
  );
}

/** m_ij of every entry: the product of what is usual in its row and in its column. */
function expectedSizes({ shape, data }: NdArray): Float64Array {
  if (shape.length < 2 || data.length === 0) return Float64Array.from(data, Math.abs);
  const columns = shape.at(-1)!;
  const byRow = new Float64Array(data.length / columns);
  const byColumn = new Float64Array(columns);
  let total = 0;
  data.forEach((value, i) => {
    byRow[Math.floor(i / columns)]! += value * value;
    byColumn[i % columns]! += value * value;
    total += value * value;
  });
  if (total === 0) return new Float64Array(data.length);
  return Float64Array.from(data, (_, i) =>
    Math.sqrt((byRow[Math.floor(i / columns)]! * byColumn[i % columns]!) / total),
  );
}

/** Largest width of the box; undefined where it has no bounds. */
export function boxWidth({ lower, upper }: Problem["domain"]): number | undefined {
  let width = 0;
  upper.data.forEach((high, i) => {
    width = Math.max(width, high - lower.data[i % lower.data.length]!);
  });
  return Number.isFinite(width) && width > 0 ? width : undefined;
}
