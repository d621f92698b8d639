import { basename } from "node:path";
import type { Skipped } from "@recon/core";
import { fillGaps, gapsOf } from "./fill-gaps.ts";
import type { Decimal } from "./numbers.ts";
import type { Delimiter } from "./read-records.ts";
import { readTable, type Table } from "./read-table.ts";
import type { Series, SeriesColumn } from "./series.ts";
import { timeColumn } from "./time-column.ts";
import { type TimeGrid, timeGrid } from "./time-grid.ts";
import { cycleName, stepInWords, type TimeStep, usualCycle } from "./time-steps.ts";
import { type ValueColumn, valueColumns } from "./value-columns.ts";

/** How a table is read as a series. */
export interface CsvSeriesOptions {
  /** Columns of an input, the first one to forecast, with or without their units; the first column of numbers unless said. */
  readonly columns?: readonly string[];
  /** The column of times; the first that holds some unless said. */
  readonly time?: string;
  /** `time` (the default): rows lie where their times say. `rows`: every row is a step, as for trading days. */
  readonly steps?: "time" | "rows";
  /** Longest gap, in steps, that is filled on a straight line; 0 unless said. */
  readonly fill?: number;
  /** Steps of one cycle; a day, a week of daily data, or a year of monthly data where the series holds two of them, unless said. */
  readonly period?: number;
  readonly delimiter?: Delimiter;
  /** The mark before fractions; told by the cells unless said. */
  readonly decimal?: Decimal;
}

/**
 * A table as a series of equal steps. What misses a value is named in `skipped` with its line, and is NaN.
 *
 * @throws ReconError `unreadable-series`, `not-numeric`, `irregular-steps`, `bad-option`.
 */
export function csvSeries(text: string, path: string, options: CsvSeriesOptions): Series {
  const table = readTable(text, path, options.delimiter);
  const found = timeColumn(table, options.time, path);
  const columns = valueColumns(table, { ...options, times: found?.columns ?? [] }, path);
  const file = basename(path);
  const skipped: Skipped[] = faultsOf(table, columns, file);
  const byTime = options.steps !== "rows" ? found : undefined;
  const timed = table.rows
    .map((_, row) => row)
    .filter((row) => byTime === undefined || byTime.times[row] !== undefined);
  if (byTime !== undefined) {
    for (const [row, time] of byTime.times.entries())
      if (time === undefined)
        skipped.push({ id: idOf(row), reason: "its time cannot be read, so the row is left out" });
  }
  const grid: TimeGrid =
    byTime === undefined
      ? { rows: Int32Array.from(timed), offGrid: [] }
      : timeGrid(
          timed.map((row) => byTime.times[row]!),
          `csv: "${path}"`,
        );
  // The grid counts the rows that have a time.
  const rowAt = (step: number): number => (grid.rows[step]! < 0 ? -1 : timed[grid.rows[step]!]!);
  for (const { row, reason } of grid.offGrid) skipped.push({ id: idOf(timed[row]!), reason });
  const { length } = grid.rows;
  const label = (step: number): string => {
    const time = found?.times[rowAt(step)];
    return time === undefined ? `step ${step}` : timeInWords(time, grid.step);
  };
  const measured = columns.map((column): SeriesColumn => {
    const values = Float64Array.from({ length }, (_, step) => column.values[rowAt(step)] ?? Number.NaN);
    const filled = fillGaps(values, options.fill ?? 0);
    for (const { start, length: missing } of gapsOf(filled)) {
      const steps = missing === 1 ? "1 step" : `${missing} steps`;
      const where = start === 0 ? "at the start" : `after ${label(start - 1)}`;
      const reason = `column "${column.name}" has no value in ${steps} ${where}; windows over them are left out, and option "fill" fills gaps of up to so many steps`;
      skipped.push({ id: start === 0 ? file : idOf(rowAt(start - 1)), reason });
    }
    return { name: column.name, unit: column.unit, values: filled };
  });
  const cycle = cycleOf(length, grid.step, options.period);
  return {
    length,
    columns: measured,
    label,
    ...(grid.step && { step: stepInWords(grid.step) }),
    ...(cycle && { cycle }),
    skipped,
  };

  function idOf(row: number): string {
    return `${file}:${table.rows[row]!.line}`;
  }
}

function faultsOf(table: Table, columns: readonly ValueColumn[], file: string): Skipped[] {
  return columns.flatMap(({ name, faults }) =>
    faults.map(({ row, cell }) => ({
      id: `${file}:${table.rows[row]!.line}`,
      reason: `column "${name}" says "${cell}", which is no number; it counts as missing`,
    })),
  );
}

function cycleOf(length: number, step: TimeStep | undefined, period: number | undefined): Series["cycle"] {
  if (period !== undefined) return { steps: period, name: cycleName(period, step) };
  const usual = step && usualCycle(step);
  return usual !== undefined && 2 * usual.steps <= length ? usual : undefined;
}

/** A time as 2010-01-31T13:00, without what its step does not vary. */
function timeInWords(time: number, step: TimeStep | undefined): string {
  const text = new Date(time).toISOString();
  const varies = step === undefined ? time : "months" in step ? 0 : step.milliseconds;
  if (varies % 86_400_000 === 0) return text.slice(0, 10);
  return text.replace(/(:00)?\.000Z$/, "").replace("Z", "");
}
