import { usualBox } from "../domain.ts";
import { numbersOf, packageTable } from "./package-table.ts";
import { type SeriesSource, seriesSource } from "./series-source.ts";
import { cutOf, type WindowOptions, windowChecks } from "./window-options.ts";

/**
 * Temperature of an average year in Seattle, an hour a step (8759), 96 observed and 96 to forecast unless said. Cycle: a day, 24 steps.
 *
 * Averages of thirty years repeat themselves from day to day (RMSE of the day before: .02), so little is left to leak: a check that a floor is honoured.
 *
 * @throws ReconError `bad-option`; when the series is read `missing-package`, `too-short`.
 */
export function seattle(options: WindowOptions = {}): SeriesSource {
  const cut = cutOf("seattle", options, windowChecks, { observed: 96, horizon: 96, box: usualBox });
  return seriesSource({
    name: "seattle",
    options: { ...cut },
    cut,
    card: {
      title: "Seattle hourly climate normals, 1981–2010",
      source: "npm package vega-datasets 3.2.1, seattle-weather-hourly-normals.csv; NOAA National Climatic Data Center",
      licence: "BSD-3-Clause (package); the data is a work of the U.S. government, in the public domain",
      note: "Averages of thirty years, hour by hour, of the year 2010: far more regular than any one year.",
    },
    read: () => {
      const rows = packageTable("vega-datasets", "data/seattle-weather-hourly-normals.csv", ["temperature"], "seattle");
      return {
        length: rows.length,
        columns: [{ name: "temperature", unit: "°C", values: numbersOf(rows, "temperature") }],
        label: (step) => rows[step]!.date!.slice(0, 16),
        step: "1 h",
        cycle: { steps: 24, name: "day" },
      };
    },
  });
}
