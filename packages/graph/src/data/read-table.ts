import { ReconError } from "@recon/core";
import { CsvError, type Options, parse } from "csv-parse/sync";

/** What may stand between the cells of a table, the likeliest first. */
export const delimiters = [",", ";", "\t", "|", " "] as const;
export type Delimiter = (typeof delimiters)[number];

/** A row as cells of text. */
export interface TableRow {
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
 * The rows of a table (RFC 4180: quoted cells may hold delimiters and line ends); lines that begin with # are left out.
 *
 * Unless said, the delimiter is the one that the first row holds most of.
 *
 * @throws ReconError `unreadable-file` where its quotation marks make no sense.
 */
export function readTable(text: string, path: string, usedBy: string, delimiter?: Delimiter): readonly TableRow[] {
  const options: Options = {
    delimiter: delimiter ?? likeliest(text),
    bom: true,
    comment: "#",
    comment_no_infix: true,
    info: true,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    trim: true,
  };
  try {
    const rows = parse(text, options) as unknown as readonly Parsed[];
    return rows
      .map(({ record, info }) => ({ cells: record, line: info.lines }))
      .filter(({ cells }) => cells.some(Boolean));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const why = cause.code === "CSV_QUOTE_NOT_CLOSED" ? "a quotation mark is opened and never closed" : cause.message;
    throw new ReconError("unreadable-file", `${usedBy}: "${path}" is damaged: ${why}. Repair the file.`, { cause });
  }
}

function likeliest(text: string): Delimiter {
  const first = text.split(/\r?\n|\r/).find((line) => line.trim() !== "" && !line.startsWith("#")) ?? "";
  const counts = delimiters.map((delimiter) => first.trim().split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))]!;
}
