import type { Arrays, NdArray } from "@recon/engine";
import { ReconError } from "../errors.ts";
import { type Layout, unflatten } from "../solvers/layout.ts";

/** A draw of the posterior and how much it counts. */
export interface WeightedDraw {
  readonly x: Float64Array;
  readonly weight: number;
}

/** Mean, and what `Solution.uncertainty` holds. */
export interface PosteriorSummary {
  readonly mean: Float64Array;
  readonly uncertainty: Arrays;
}

/** Quantiles that a posterior is told by: the ends of the 50 % and 90 % intervals, and the median. */
export const posteriorQuantiles: readonly number[] = [0.05, 0.25, 0.5, 0.75, 0.95];

const quantileName = (name: string, p: number): string => `${name} ${Math.round(100 * p)}%`;

/**
 * Mean, standard deviation and quantiles of every entry: standard deviations under the names of the value, quantiles under `input 5%` and so on.
 *
 * The p-quantile of draws of equal weight interpolates so that the outermost of n draws stand for 1/(n + 1) and n/(n + 1): on average the next draw lies
 * below it with probability p.
 */
export function summarise(draws: readonly WeightedDraw[], layout: Layout): PosteriorSummary {
  const total = draws.reduce((sum, { weight }) => sum + weight, 0);
  const mean = new Float64Array(layout.size);
  for (const { x, weight } of draws) for (let i = 0; i < mean.length; i++) mean[i]! += (weight / total) * x[i]!;
  const variance = new Float64Array(layout.size);
  for (const { x, weight } of draws) {
    for (let i = 0; i < mean.length; i++) variance[i]! += (weight / total) * (x[i]! - mean[i]!) ** 2;
  }
  const quantiles = posteriorQuantiles.map(() => new Float64Array(layout.size));
  // An independent draw counts like its weight, so that the correction for their finite number is that of equal weights.
  const correction = draws.length / (draws.length + 1);
  for (let i = 0; i < layout.size; i++) {
    const sorted = draws
      .map(({ x, weight }) => ({ value: x[i]!, weight: weight / total }))
      .sort((a, b) => a.value - b.value);
    posteriorQuantiles.forEach((p, k) => {
      quantiles[k]![i] = weightedQuantile(sorted, p, correction);
    });
  }
  return {
    mean,
    uncertainty: {
      ...unflatten(variance.map(Math.sqrt), layout),
      ...Object.fromEntries(
        posteriorQuantiles.flatMap((p, k) =>
          Object.entries(unflatten(quantiles[k]!, layout)).map(([name, array]) => [quantileName(name, p), array]),
        ),
      ),
    },
  };
}

/** Positions of sorted draws: the weight up to and with each, shrunk so that neither end is certain. */
function weightedQuantile(sorted: readonly { value: number; weight: number }[], p: number, correction: number): number {
  let position = 0;
  let [before, valueBefore] = [0, sorted[0]!.value];
  for (const { value, weight } of sorted) {
    position += weight * correction;
    if (position >= p) {
      return position === before ? value : valueBefore + ((p - before) / (position - before)) * (value - valueBefore);
    }
    [before, valueBefore] = [position, value];
  }
  return sorted.at(-1)!.value;
}

/** Ends of an interval, entry by entry. */
export interface CredibleInterval {
  readonly lower: NdArray;
  readonly upper: NdArray;
}

/**
 * The central interval of a value's entries out of a solution's uncertainty.
 *
 * @param name `input` or `target`.
 * @param level .9 or .5.
 * @throws ReconError `no-interval` when the uncertainty holds no quantiles for this level.
 */
export function credibleInterval(uncertainty: Arrays, name: string, level: number): CredibleInterval {
  const lower = uncertainty[quantileName(name, (1 - level) / 2)];
  const upper = uncertainty[quantileName(name, (1 + level) / 2)];
  if (lower === undefined || upper === undefined) {
    throw new ReconError(
      "no-interval",
      `The uncertainty holds no interval of level ${level} for "${name}"; it has ${Object.keys(uncertainty).join(", ")}.`,
    );
  }
  return { lower, upper };
}
