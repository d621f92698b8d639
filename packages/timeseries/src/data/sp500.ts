import { numbersOf, packageTable } from "./package-table.ts";
import { type SeriesSource, seriesSource } from "./series-source.ts";
import { cutOf, type WindowOptions, windowChecks } from "./window-options.ts";

/** The index grew to 2.3 times the range of the first 70 % of its days. */
const wideBox: readonly [number, number] = [-0.2, 2.5];

/**
 * Closing level of the S&P 500, 2000 to 2020, a trading day a step (5105), 96 observed and 96 to forecast unless said. It has no cycle.
 *
 * Levels and not returns: they drift out of the range of the training part, so the box is [−0.2, 2.5].
 *
 * @throws ReconError `bad-option`; when the series is read `missing-package`, `too-short`.
 */
export function sp500(options: WindowOptions = {}): SeriesSource {
  const cut = cutOf("sp500", options, windowChecks, { observed: 96, horizon: 96, box: wideBox });
  return seriesSource({
    name: "sp500",
    options: { ...cut },
    cut,
    card: {
      title: "S&P 500, daily close, 2000–2020",
      source: "npm package vega-datasets 3.2.1, sp500-2000.csv; Yahoo Finance",
      licence: "BSD-3-Clause (package); none is stated for the data",
    },
    read: () => {
      const rows = packageTable("vega-datasets", "data/sp500-2000.csv", ["date", "close"], "sp500");
      return {
        length: rows.length,
        columns: [{ name: "close", unit: "USD", values: numbersOf(rows, "close") }],
        label: (step) => rows[step]!.date!,
        step: "1 trading day",
      };
    },
  });
}
