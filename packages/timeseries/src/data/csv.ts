import { resolve } from "node:path";
import { ReconError } from "@recon/core";
import { type Checks, integer, listOf, nonEmpty, oneOf } from "@recon/core/options";
import { usualBox } from "../domain.ts";
import { type CsvSeriesOptions, csvSeries } from "./csv-series.ts";
import { delimiters } from "./read-records.ts";
import { readTextFile } from "./read-text-file.ts";
import { type SeriesSource, seriesSource } from "./series-source.ts";
import { cutOf, type WindowOptions, windowChecks } from "./window-options.ts";

export interface CsvOptions extends WindowOptions, CsvSeriesOptions {
  /** The file; relative to the working directory. */
  readonly path: string;
}

const checks: Checks<CsvOptions> = {
  ...windowChecks,
  path: nonEmpty(),
  columns: listOf(nonEmpty()),
  time: nonEmpty(),
  steps: oneOf(["time", "rows"]),
  fill: integer(0, 1_000_000),
  period: integer(2, 1_000_000),
  delimiter: oneOf(delimiters),
  decimal: oneOf([".", ","]),
};

/**
 * Windows of the user's own series, from a table in UTF-8 whose first row names the columns, 96 steps observed and 96 to forecast unless said.
 *
 * Delimiter, decimal mark and the column of times are found; units are kept from headers such as `load [kW]`. Windows over a missing value or a gap are left
 * out, and each gap is named in `skipped` with its line.
 *
 * @throws ReconError `bad-option`; when the file is read `no-such-file`, `unreadable-series`, `not-numeric`, `irregular-steps`, `constant-series`, `too-short`,
 * `no-data`.
 */
export function csv(options: CsvOptions): SeriesSource {
  const cut = cutOf("csv", options, checks, { observed: 96, horizon: 96, box: usualBox });
  const { path } = options;
  if (path === undefined)
    throw new ReconError("bad-option", 'csv: option "path" is missing. Give the path of a table of numbers.');
  return seriesSource({
    name: "csv",
    options: { ...options, ...cut },
    cut,
    card: { title: `Series in ${path}`, source: "the user's own file", licence: "not known" },
    read: () => csvSeries(readTextFile(resolve(path), path), path, options),
  });
}
