import { ReconError } from "../errors.ts";
import type { Rng } from "../random.ts";

/** A mean and how far it may be off. */
export interface Interval {
  readonly mean: number;
  /** Ends of the interval; null for a single value, which says nothing of its spread. */
  readonly bounds: readonly [number, number] | null;
  readonly count: number;
}

export interface BootstrapOptions {
  readonly rng: Rng;
  /** Coverage aimed at, 0.95 by default. */
  readonly level?: number;
  /** 2000 by default. */
  readonly resamples?: number;
}

/**
 * A percentile bootstrap interval of the mean: the quantiles of the means of resamples drawn with replacement.
 *
 * @throws ReconError `no-values` for an empty list; `not-finite` when a value is not finite.
 * @see B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
 */
export function bootstrap(values: readonly number[], options: BootstrapOptions): Interval {
  const { rng, level = 0.95, resamples = 2000 } = options;
  const count = values.length;
  if (count === 0) throw new ReconError("no-values", "bootstrap: there are no values to average.");
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new ReconError("not-finite", `bootstrap: value ${bad} is ${values[bad]}. Leave it out or replace it.`);
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { mean, bounds: null, count };
  const means = Float64Array.from({ length: resamples }, () => {
    let total = 0;
    for (let i = 0; i < count; i++) total += values[rng.integer(count)]!;
    return total / count;
  }).sort();
  const tail = (1 - level) / 2;
  return { mean, bounds: [quantile(means, tail), quantile(means, 1 - tail)], count };
}

/**
 * The bootstrap interval of the mean of a − b over pairs of the same trial, so that what both share cancels.
 *
 * @throws ReconError `shape` when the lists differ in length, and as `bootstrap`.
 */
export function pairedBootstrap(a: readonly number[], b: readonly number[], options: BootstrapOptions): Interval {
  if (a.length !== b.length) {
    throw new ReconError("shape", `pairedBootstrap: ${a.length} values cannot be paired with ${b.length}.`);
  }
  return bootstrap(
    a.map((value, i) => value - b[i]!),
    options,
  );
}

/** The p-quantile of sorted numbers, linear between neighbours. */
function quantile(sorted: Float64Array, p: number): number {
  const at = p * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}
