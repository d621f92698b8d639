import type { Metric } from "@recon/core";
import { type SeriesMetricOptions, seriesMetric } from "./series-metric.ts";

/** Root mean squared error of one item, √(mean (x̂ − x)²), on the scale of the data: 1 is the range of the training part. */
export function rmse(options: SeriesMetricOptions = {}): Metric {
  return seriesMetric("rmse", (estimate, truth) => (estimate - truth) ** 2, options, Math.sqrt);
}
