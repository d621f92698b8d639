import type { Metric } from "@recon/core";
import { type SeriesMetricOptions, seriesMetric } from "./series-metric.ts";

/** Mean absolute error of one item, mean |x̂ − x|, on the scale of the data: 1 is the range of the training part. */
export function mae(options: SeriesMetricOptions = {}): Metric {
  return seriesMetric("mae", (estimate, truth) => Math.abs(estimate - truth), options);
}
