export { auto } from "./attacks/auto.ts";
export { type AuxiliaryWindows, auxiliaryWindows } from "./attacks/auxiliary-windows.ts";
export { type DiaOptions, dia } from "./attacks/dia.ts";
export { type DlgOptions, dlg } from "./attacks/dlg.ts";
export { type InvertingGradientsOptions, invertingGradients } from "./attacks/inverting-gradients.ts";
export { priorOnly, type QuantileInversionOptions, quantileInversion } from "./attacks/quantile-inversion.ts";
export { temporalRecursion } from "./attacks/temporal-recursion.ts";
export { type TsInverseOptions, tsInverse } from "./attacks/ts-inverse.ts";
export { type CsvOptions, csv } from "./data/csv.ts";
export type { CsvSeriesOptions } from "./data/csv-series.ts";
export { seattle } from "./data/seattle.ts";
export { type SensorNetworkOptions, sensorNetwork } from "./data/sensor-network.ts";
export type { Series, SeriesColumn } from "./data/series.ts";
export { type SeriesSource, type SeriesSourceOptions, seriesSource } from "./data/series-source.ts";
export { sp500 } from "./data/sp500.ts";
export { usBirths } from "./data/us-births.ts";
export type { Cut, WindowOptions } from "./data/window-options.ts";
export { type Column, isSeriesDomain, type SeriesDomain, type SeriesDomainOptions, seriesDomain } from "./domain.ts";
export { mae } from "./metrics/mae.ts";
export { rmse } from "./metrics/rmse.ts";
export type { SeriesMetricOptions } from "./metrics/series-metric.ts";
export { smape } from "./metrics/smape.ts";
export { type CnnOptions, cnn } from "./models/cnn.ts";
export { type FcnOptions, fcn } from "./models/fcn.ts";
export type { ForecastShape } from "./models/forecaster.ts";
export { gru } from "./models/gru.ts";
export { lstm } from "./models/lstm.ts";
export type { RecurrentOptions } from "./models/recurrent-forecaster.ts";
export { type TcnOptions, tcn } from "./models/tcn.ts";
export { default } from "./plugin.ts";
export type { Covariance, CovarianceOptions } from "./priors/gaussian-process/covariance-options.ts";
export { curveOf } from "./priors/gaussian-process/curve-of.ts";
export {
  type FitOptions,
  fitGaussianProcess,
  type GaussianProcessFit,
} from "./priors/gaussian-process/fit-gaussian-process.ts";
export { fitTails, type Tails, type TailsFit } from "./priors/gaussian-process/fit-tails.ts";
export {
  type GaussianProcess,
  type GaussianProcessOptions,
  gaussianProcess,
  priorRows,
} from "./priors/gaussian-process/gaussian-process.ts";
export { type PosteriorOptions, posterior, type SeriesBands } from "./priors/gaussian-process/posterior.ts";
export { type PublicSeries, publicFits, publicTails } from "./priors/gaussian-process/public-fits.ts";
export type { SmoothKernel } from "./priors/gaussian-process/smooth-kernels.ts";
export {
  type StudentProcess,
  type StudentProcessOptions,
  studentProcess,
} from "./priors/gaussian-process/student-process.ts";
export { type PeriodicityOptions, periodicity } from "./priors/periodicity.ts";
export { type QuantileBoundsOptions, quantileBounds } from "./priors/quantile-bounds.ts";
export { type SmoothnessOptions, smoothness } from "./priors/smoothness.ts";
export { type TrendOptions, trend } from "./priors/trend.ts";
