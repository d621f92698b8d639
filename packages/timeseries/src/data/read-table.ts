import { ReconError } from "@recon/core";
import { CsvError, type Options, parse } from "csv-parse/sync";
import { timeStamp } from "./time-stamps.ts";

/** What may stand between the cells of a table, the likeliest first. */
export const delimiters = [",", ";", "\t", "|"] as const;

export type Delimiter = (typeof delimiters)[number];

/** A table of text. */
export interface Table {
  readonly delimiter: Delimiter;
  /** Names of the columns; `column 1`, `column 2`, ... where the first row is one of values. */
  readonly columns: readonly string[];
  /** Every row has a cell for every column, empty where it was shorter. */
  readonly rows: readonly TableRow[];
}

export interface TableRow {
  /** From 1, where the row ends. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** What the parser says of a row. */
interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * The rows of a table (RFC 4180: quoted cells may hold delimiters and line ends); lines that begin with # are left out.
 *
 * Unless said, the delimiter is the one by which the header and the first rows have equally many cells, and the most of them.
 *
 * @throws ReconError `unreadable-series` without rows, with a row that is longer than the header, or with a quotation mark that is never closed.
 */
export function readTable(text: string, shown: string, delimiter?: Delimiter): Table {
  const chosen = delimiter ?? delimiterOf(text, shown);
  const [first, ...rest] = records(text, shown, chosen);
  if (first === undefined) throw new ReconError("unreadable-series", `csv: "${shown}" is empty.`);
  const width = first.record.length;
  const named = !first.record.every((cell) => cell === "" || isValue(cell));
  const rows = (named ? rest : [first, ...rest]).map(({ record, info }): TableRow => {
    if (record.length > width) throw tooLong(shown, info.lines, record.length, width, chosen);
    return { line: info.lines, cells: [...record, ...new Array<string>(width - record.length).fill("")] };
  });
  if (rows.length === 0) throw new ReconError("unreadable-series", `csv: "${shown}" has a header and no row below it.`);
  return { delimiter: chosen, columns: first.record.map((name, i) => (named && name) || `column ${i + 1}`), rows };
}

/** Whether a cell is one of data rather than a name. */
function isValue(cell: string): boolean {
  return /^[+-]?[\d.,\s]*\d(e[+-]?\d+)?$/i.test(cell) || timeStamp(cell) !== undefined;
}

function records(text: string, shown: string, delimiter: Delimiter, options: Options = {}): readonly Parsed[] {
  try {
    return parse(text, {
      delimiter,
      bom: true,
      comment: "#",
      comment_no_infix: true,
      info: true,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
      ...options,
    }) as unknown as readonly Parsed[];
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const why = cause.code === "CSV_QUOTE_NOT_CLOSED" ? "a quotation mark is opened and never closed" : cause.message;
    throw new ReconError("unreadable-series", `csv: "${shown}" is damaged: ${why}. Repair the file.`, { cause });
  }
}

/** How many rows are looked at to find the delimiter. */
const looked = 20;

function delimiterOf(text: string, shown: string): Delimiter {
  const score = (delimiter: Delimiter): number => {
    const lengths = records(text, shown, delimiter, { to: looked }).map(({ record }) => record.length);
    return lengths.every((length) => length === lengths[0]) ? (lengths[0] ?? 0) : 0;
  };
  const scores = delimiters.map(score);
  return delimiters[scores.indexOf(Math.max(...scores))]!;
}

function tooLong(shown: string, line: number, cells: number, width: number, delimiter: Delimiter): ReconError {
  const mark = JSON.stringify(delimiter);
  return new ReconError(
    "unreadable-series",
    `csv: "${shown}" has ${cells} cells in line ${line}, and its header ${width}, with ${mark} between them. Quote cells that hold ${mark}, as numbers with a decimal comma, or set "delimiter".`,
  );
}
