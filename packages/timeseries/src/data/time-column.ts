import { badOption } from "@recon/core/options";
import type { Table } from "./read-table.ts";
import { numericFormats, plainFormats, type TimeFormat } from "./time-stamps.ts";

/** The times of a table's rows, and the columns that say them. */
export interface TimeColumn {
  readonly columns: readonly number[];
  /** Milliseconds since 1970, a row each; `undefined` where the cell says no time. */
  readonly times: readonly (number | undefined)[];
}

const namedAsTime =
  /(^|[^a-z])(time|date|timestamp|datetime|utc|ds|year|month|day|zeit|datum|zeitstempel|jahr|monat|tag)([^a-z]|$)/i;
const timeOfDay = /^\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?$/;

/** A format that none of so many rows is written in is not tried on the others. */
const looked = 100;

/** Of a column's cells, how many must be times for it to be found without being named. */
const leastTimes = 0.9;

/**
 * Finds the column of times, by the option or by what the cells say; a column of times of the day beside one of dates is joined to it.
 *
 * The format is the one in which most cells are times, then the one in which most steps are equal: so 3/4/2010 is April or March as the rows around it say.
 * Plain numbers count as times only in a column that is named as one.
 *
 * @throws ReconError `bad-option` where the option names no column or none of times.
 */
export function timeColumn(table: Table, option: string | undefined, shown: string): TimeColumn | undefined {
  if (option !== undefined) {
    const index = table.columns.indexOf(option);
    if (index < 0) throw badOption("csv", "time", option, `a column of "${shown}": ${table.columns.join(", ")}`);
    const found = read(table, index, [...plainFormats, ...numericFormats]);
    if (found.share >= 0.5) return found;
    const bad = table.rows[found.times.indexOf(undefined)]!;
    throw badOption("csv", "time", option, `a column of times; line ${bad.line} says "${bad.cells[index]}"`);
  }
  for (const named of [true, false]) {
    for (const [index, name] of table.columns.entries()) {
      if (namedAsTime.test(name) !== named) continue;
      const found = read(table, index, named ? [...plainFormats, ...numericFormats] : plainFormats);
      if (found.share >= leastTimes) return found;
    }
  }
  return undefined;
}

function read(table: Table, index: number, formats: readonly TimeFormat[]): TimeColumn & { readonly share: number } {
  const clock = clockBeside(table, index);
  const texts = table.rows.map(({ cells }) => (clock < 0 ? cells[index]! : `${cells[index]} ${cells[clock]}`));
  const likely = formats.filter((format) => texts.slice(0, looked).some((text) => format(text) !== undefined));
  const readings = (likely.length > 0 ? likely : formats.slice(0, 1)).map((format) => {
    const times = texts.map(format);
    const count = times.filter((time) => time !== undefined).length;
    return { times, count, equal: equalSteps(times) };
  });
  const best = readings.reduce((a, b) => (b.count > a.count || (b.count === a.count && b.equal > a.equal) ? b : a));
  return { columns: clock < 0 ? [index] : [index, clock], times: best.times, share: best.count / texts.length };
}

/** The column of times of the day that goes with one of days; −1 where there is none. */
function clockBeside({ columns, rows }: Table, index: number): number {
  if (rows.some(({ cells }) => cells[index]!.includes(":"))) return -1;
  return columns.findIndex((_, i) => i !== index && rows.every(({ cells }) => timeOfDay.test(cells[i]!)));
}

/** How many of the steps from row to row are the most frequent one; months count as one step, whatever their days. */
function equalSteps(times: readonly (number | undefined)[]): number {
  const tally = new Map<number, number>();
  for (const [i, time] of times.entries()) {
    const before = times[i - 1];
    if (time === undefined || before === undefined) continue;
    const days = (time - before) / 86_400_000;
    const step = days >= 28 && days <= 31 ? 30.44 : days;
    tally.set(step, (tally.get(step) ?? 0) + 1);
  }
  return [...tally.values()].reduce((most, count) => Math.max(most, count), 0);
}
