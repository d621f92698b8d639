import { ReconError } from "@recon/core";
import { CsvError, type Options, parse } from "csv-parse/sync";

/** What may stand between the cells of a table, the likeliest first. */
export const delimiters = [",", ";", "\t", "|"] as const;

export type Delimiter = (typeof delimiters)[number];

/** A row as cells of text. */
export interface TableRecord {
  readonly cells: readonly string[];
  /** The line that it ends in, from 1. */
  readonly line: number;
}

/** What the parser says of a row. */
interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * The rows of a text with a delimiter between their cells, the first `to` of them where that is said.
 *
 * @throws ReconError `unreadable-series` where its quotation marks make no sense.
 */
export function readRecords(text: string, shown: string, delimiter: Delimiter, to?: number): readonly TableRecord[] {
  try {
    const options: Options = {
      delimiter,
      bom: true,
      comment: "#",
      comment_no_infix: true,
      info: true,
      // Spreadsheets may name the delimiter in a line above the header.
      from_line: /^\ufeff?sep=.[\r\n]/i.test(text) ? 2 : 1,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
      ...(to !== undefined && { to }),
    };
    const rows = parse(text, options) as unknown as readonly Parsed[];
    return rows.map(({ record, info }) => ({ cells: record, line: info.lines }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const why = cause.code === "CSV_QUOTE_NOT_CLOSED" ? "a quotation mark is opened and never closed" : cause.message;
    throw new ReconError("unreadable-series", `csv: "${shown}" is damaged: ${why}. Repair the file.`, { cause });
  }
}
