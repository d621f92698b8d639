import type { Metric } from "@recon/core";
import type { NdArray } from "@recon/engine";

/** What of a series a metric scores: the observed part (the default) or what follows it. */
export interface SeriesMetricOptions {
  readonly of?: "input" | "target";
}

/**
 * A mean over the entries of one item, as a metric: `combine` of mean `loss(estimate, truth)`. 0 is perfect.
 *
 * Its name ends in `_x` for inputs and in `_y` for targets. Entries that the estimate lacks make the score NaN.
 */
export function seriesMetric(
  name: string,
  loss: (estimate: number, truth: number) => number,
  { of = "input" }: SeriesMetricOptions,
  combine: (mean: number) => number = (mean) => mean,
): Metric {
  return {
    name: `${name}_${of === "input" ? "x" : "y"}`,
    of,
    unit: "",
    better: "lower",
    perfect: 0,
    invariances: [],
    score: (estimate, truth) => combine(meanOf(estimate, truth, loss)),
  };
}

function meanOf(
  { data: estimate }: NdArray,
  { data: truth }: NdArray,
  loss: (estimate: number, truth: number) => number,
): number {
  if (estimate.length !== truth.length) return Number.NaN;
  let total = 0;
  for (let i = 0; i < truth.length; i++) total += loss(estimate[i]!, truth[i]!);
  return total / Math.max(1, truth.length);
}
