import { ReconError } from "@recon/core";
import { badOption } from "@recon/core/options";
import { type ColumnHeader, columnHeader } from "./column-header.ts";
import { type Decimal, decimalOf, isMissing, numberOf } from "./numbers.ts";
import type { Table } from "./read-table.ts";

/** A column of numbers, a value a row. */
export interface ValueColumn extends ColumnHeader {
  /** NaN where the cell is empty or no number. */
  readonly values: Float64Array;
  /** Rows whose cell says something that is no number. */
  readonly faults: readonly { readonly row: number; readonly cell: string }[];
}

export interface ValueColumnsOptions {
  /** Headers, with or without their units; the first column of numbers unless said. */
  readonly columns?: readonly string[] | undefined;
  readonly decimal?: Decimal | undefined;
  /** Places of the columns that say the time. */
  readonly times: readonly number[];
}

/**
 * The columns of a table that are measured.
 *
 * A column is numeric when at least half of its cells that are not empty are numbers. One that counts its rows is no measurement, and is taken only by name.
 *
 * @throws ReconError `not-numeric`, naming the column and a cell; `bad-option` for a column that is not there.
 */
export function valueColumns(table: Table, options: ValueColumnsOptions, shown: string): readonly ValueColumn[] {
  const headers = table.columns.map(columnHeader);
  const others = headers.map((_, place) => place).filter((place) => !options.times.includes(place));
  const decimal = options.decimal ?? decimalOf(cellsOf(table, others), table.delimiter);
  const columnAt = (place: number): ValueColumn => ({ ...headers[place]!, ...valuesOf(table, place, decimal) });
  if (options.columns !== undefined) {
    return options.columns.map((name) => {
      const place = placeOf(table, headers, name, shown);
      const column = columnAt(place);
      if (!isNumeric(column)) throw notNumeric(shown, [described(table, place, column)]);
      return column;
    });
  }
  const failures: string[] = [];
  for (const place of others) {
    const column = columnAt(place);
    if (isNumeric(column) && !isCounter(column.values)) return [column];
    failures.push(described(table, place, column));
  }
  throw notNumeric(shown, failures);
}

function* cellsOf({ rows }: Table, places: readonly number[]): Generator<string> {
  for (const { cells } of rows) for (const place of places) yield cells[place]!;
}

function valuesOf({ rows }: Table, place: number, decimal: Decimal): Pick<ValueColumn, "values" | "faults"> {
  const faults: { row: number; cell: string }[] = [];
  const values = Float64Array.from(rows, ({ cells }, row) => {
    const cell = cells[place]!;
    const value = numberOf(cell, decimal);
    if (Number.isNaN(value) && !isMissing(cell)) faults.push({ row, cell });
    return value;
  });
  return { values, faults };
}

function placeOf({ columns }: Table, headers: readonly ColumnHeader[], name: string, shown: string): number {
  const exact = columns.indexOf(name);
  const place = exact >= 0 ? exact : headers.findIndex((header) => header.name === name);
  if (place < 0) throw badOption("csv", "columns", name, `columns of "${shown}", which has ${columns.join(", ")}`);
  return place;
}

function isNumeric({ values, faults }: ValueColumn): boolean {
  const numbers = values.filter((value) => !Number.isNaN(value)).length;
  return numbers > 0 && numbers >= faults.length;
}

function isCounter(values: Float64Array): boolean {
  return values.length > 2 && values.every((value, i) => i === 0 || value - values[i - 1]! === 1);
}

function described({ columns, rows }: Table, place: number, { faults }: ValueColumn): string {
  const name = `"${columns[place]}"`;
  const [first] = faults;
  if (first !== undefined) return `${name}: line ${rows[first.row]!.line} says "${first.cell}"`;
  return rows.every(({ cells }) => isMissing(cells[place]!)) ? `${name} is empty` : `${name} only counts the rows`;
}

function notNumeric(shown: string, columns: readonly string[]): ReconError {
  const named = columns.length === 0 ? "there is none beside the time" : columns.slice(0, 5).join("; ");
  return new ReconError(
    "not-numeric",
    `csv: no column of numbers in "${shown}" where one is needed: ${named}. The first row of a table names its columns. Name columns of numbers in "columns", or set "decimal" to the mark before fractions.`,
  );
}
