import type { Metric } from "@recon/core";
import { type SeriesMetricOptions, seriesMetric } from "./series-metric.ts";

/**
 * Symmetric mean absolute percentage error of one item, mean 2 |x̂ − x| / (|x̂| + |x|) with 0/0 = 0, in [0, 2].
 *
 * It is what the literature on series reports. Near zero it says nothing: one exact zero among 96 values and an error of 1e-8 give 2/96.
 *
 * @see S. Makridakis, "Accuracy measures: theoretical and practical concerns", International Journal of Forecasting 9 (1993).
 */
export function smape(options: SeriesMetricOptions = {}): Metric {
  return seriesMetric("smape", relativeError, options);
}

function relativeError(estimate: number, truth: number): number {
  return estimate === truth ? 0 : (2 * Math.abs(estimate - truth)) / (Math.abs(estimate) + Math.abs(truth));
}
