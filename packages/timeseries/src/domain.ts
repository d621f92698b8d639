import type { Domain } from "@recon/core";
import { badOption, type Check, checkOptions, integer, listOf, nonEmpty, real } from "@recon/core/options";
import { type NdArray, type Shape, sizeOf } from "@recon/engine";
import { mae } from "./metrics/mae.ts";
import { rmse } from "./metrics/rmse.ts";
import { smape } from "./metrics/smape.ts";
import { renderSeries } from "./render/render-series.ts";

/** One column of a series: what it measures, and the range of its training part, which is [0, 1] on the scale of the data. */
export interface Column {
  readonly name: string;
  /** As `kW` or `°C`; empty where there is none. */
  readonly unit: string;
  readonly min: number;
  readonly max: number;
}

export interface SeriesDomainOptions {
  /** Observed steps, T_obs. */
  readonly observed: number;
  /** Steps to forecast, T_fut. */
  readonly horizon: number;
  /** The columns of an input; the first is the one that the target continues. One without a unit on [0, 1] unless said. */
  readonly columns?: readonly Column[];
  /** Steps of one cycle, such as 24 of hourly data; absent where there is none. */
  readonly period?: number;
  /** Time between two steps in words, such as `1 h`. */
  readonly step?: string;
  /** Mean of the training part of every column, on the scale of the data; 0.5 unless said. */
  readonly mean?: readonly number[];
  /** Where values lie; [−0.2, 1.2] unless said, since later values may leave the range of the training part. */
  readonly box?: readonly [number, number];
}

/** Windows of a series as a `Domain`: an input [T_obs, F], and a target [T_fut] that continues its column 0. */
export interface SeriesDomain extends Domain {
  readonly observed: number;
  readonly horizon: number;
  /** Columns of an input, F. */
  readonly features: number;
  readonly columns: readonly Column[];
  readonly period?: number;
}

/** The range of the training part, and a fifth of it on both sides. */
export const usualBox: readonly [number, number] = [-0.2, 1.2];

/** Two numbers in order. */
export const box: Check<readonly [number, number]> = {
  allowed: "two numbers, the smaller first",
  is: (value): value is readonly [number, number] =>
    Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] < value[1],
};

const column: Check<Column> = {
  allowed: "{ name, unit, min, max } with min below max",
  is: (value): value is Column => {
    if (typeof value !== "object" || value === null) return false;
    const { name, unit, min, max } = value as Partial<Column>;
    if (typeof name !== "string" || typeof unit !== "string") return false;
    return Number.isFinite(min) && Number.isFinite(max) && min! < max!;
  },
};

/** Whether a domain is that of series. */
export function isSeriesDomain(domain: Domain): domain is SeriesDomain {
  return "observed" in domain && "horizon" in domain && "columns" in domain;
}

/**
 * Windows of a series on the scale x = (v − min) / (max − min), with minimum and maximum of the training part, a column each.
 *
 * The blind guess is the mean of the training part, repeated. Metrics: RMSE (items are
 * matched by that of inputs), MAE and sMAPE of inputs (`_x`) and of targets (`_y`). `options` is the whole record, so that an attack can read the period,
 * which is public as the sampling step is.
 *
 * @throws ReconError `bad-option`.
 */
export function seriesDomain(options: SeriesDomainOptions): SeriesDomain {
  checkOptions("seriesDomain", options, {
    observed: integer(1, 1_000_000),
    horizon: integer(1, 1_000_000),
    columns: listOf(column),
    period: integer(2, 1_000_000),
    step: nonEmpty(),
    mean: listOf(real(-1e6, 1e6)),
    box,
  });
  for (const name of ["observed", "horizon"] as const) {
    if (options[name] === undefined) throw badOption("seriesDomain", name, options[name], "a number of steps");
  }
  const { observed, horizon, period, step, box: [lower, upper] = usualBox } = options;
  const columns = (options.columns ?? [{ name: "value", unit: "", min: 0, max: 1 }]).map((entry) => ({ ...entry }));
  const features = columns.length;
  const mean = options.mean ?? columns.map(() => 0.5);
  if (mean.length !== features)
    throw badOption("seriesDomain", "mean", mean, `a list of ${features}, one for each column`);
  const bound = (value: number): NdArray => ({ shape: [1], data: Float64Array.of(value) });
  return {
    name: "series",
    options: {
      observed,
      horizon,
      columns,
      mean,
      box: [lower, upper],
      ...(period !== undefined && { period }),
      ...(step !== undefined && { step }),
    },
    observed,
    horizon,
    features,
    columns,
    ...(period !== undefined && { period }),
    lower: bound(lower),
    upper: bound(upper),
    metrics: [rmse(), rmse({ of: "target" }), mae(), mae({ of: "target" }), smape(), smape({ of: "target" })],
    blind: (shape) => repeated(mean, shape),
    blindTarget: (shape) => repeated(mean.slice(0, 1), shape),
    render: async (item) => renderSeries(item, { observed, horizon, features, columns, period, step }),
  };
}

/** A row of values at every step: float32 of the given shape. */
function repeated(row: readonly number[], shape: Shape): NdArray {
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => row[i % row.length]!) };
}
