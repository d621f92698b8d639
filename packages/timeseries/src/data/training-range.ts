import { ReconError } from "@recon/core";
import type { Column } from "../domain.ts";
import type { SeriesColumn } from "./series.ts";

/** The scale of a column, and where its mean lies on it. */
export interface TrainingRange extends Column {
  /** On the scale where `min` is 0 and `max` is 1. */
  readonly mean: number;
}

/**
 * Minimum, maximum and mean of a column over its first `end` steps; missing values are passed over.
 *
 * @throws ReconError `constant-series` where minimum and maximum agree; `no-data` where there is no value.
 */
export function trainingRange({ name, unit, values }: SeriesColumn, end: number, source: string): TrainingRange {
  let [min, max, total, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const value of values.subarray(0, end)) {
    if (Number.isNaN(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    total += value;
    count++;
  }
  if (count === 0) {
    throw new ReconError(
      "no-data",
      `${source}: column "${name}" has no value in the training part, the first ${end} steps. Choose another column, or cut the series where its values begin.`,
    );
  }
  if (min === max) {
    throw new ReconError(
      "constant-series",
      `${source}: column "${name}" is ${min} at every step of the training part, the first ${end} steps, so there is no scale and nothing to reconstruct. Choose another column, or a larger share "training".`,
    );
  }
  return { name, unit, min, max, mean: (total / count - min) / (max - min) };
}
