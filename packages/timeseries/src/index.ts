export { type Column, isSeriesDomain, type SeriesDomain, type SeriesDomainOptions, seriesDomain } from "./domain.ts";
export { mae } from "./metrics/mae.ts";
export { rmse } from "./metrics/rmse.ts";
export type { SeriesMetricOptions } from "./metrics/series-metric.ts";
export { smape } from "./metrics/smape.ts";
export { default } from "./plugin.ts";
