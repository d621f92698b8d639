import { ReconError } from "@recon/core";
import { type CsvError, parse } from "csv-parse/sync";
import type { Row, Rows } from "./read-rows.ts";

/** What may stand between the cells of a table, the likeliest first. */
export const delimiters = [",", ";", "\t", "|"] as const;

/** A record of a table and the lines that it stands on. */
interface TableRecord {
  readonly cells: readonly string[];
  readonly line: number;
  readonly lastLine: number;
}

/**
 * Rows of a table whose first row names the columns (RFC 4180; quoted cells may hold line ends).
 *
 * Without a delimiter, the one that the header holds most of outside of quotation marks is taken. A quotation mark that is never closed costs its own line,
 * not those after it.
 *
 * @throws ReconError `unreadable-text` without a header.
 */
export function readTable(text: string, delimiter: string = delimiterOf(text)): Rows {
  const faults: Row[] = [];
  const records: TableRecord[] = [];
  let rest = text;
  let before = 0;
  while (rest !== "") {
    const { read, unclosed } = readRecords(rest, delimiter);
    for (const record of read)
      records.push({ ...record, line: before + record.line, lastLine: before + record.lastLine });
    if (unclosed === undefined) break;
    const line = before + lineEnds(rest.slice(0, rest.length - unclosed.length)) + 1;
    faults.push({ line, lastLine: line, fault: "a quotation mark is opened and never closed" });
    const end = unclosed.search(/\r\n|\n|\r/);
    rest = end < 0 ? "" : unclosed.slice(end).replace(/^(\r\n|\n|\r)/, "");
    before = line;
  }
  const header = records.shift();
  if (header === undefined) throw new ReconError("unreadable-text", "folder: the table has no header.");
  const columns = header.cells.map((name) => name.trim());
  const rows = records.map(({ cells, ...at }): Row => {
    if (cells.length > columns.length)
      return { ...at, fault: `the row has ${cells.length} cells, and the header ${columns.length}` };
    return { ...at, values: Object.fromEntries(cells.map((cell, i) => [columns[i]!, cell])) };
  });
  return { columns, rows: [...rows, ...faults].sort((a, b) => a.line - b.line) };
}

/** What the parser says of a record. */
interface Parsed {
  readonly record: readonly string[];
  readonly raw: string;
  readonly info: { readonly lines: number };
}

/** All records, up to one whose quotation mark is never closed: then with the text from there on. */
function readRecords(text: string, delimiter: string): { readonly read: TableRecord[]; readonly unclosed?: string } {
  let unclosed: string | undefined;
  const read = parse(text, {
    delimiter,
    info: true,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    raw: true,
    on_skip: (_error: CsvError | undefined, raw: string | undefined) => {
      unclosed = raw;
      return undefined;
    },
  }) as unknown as readonly Parsed[];
  const records = read.map(({ record, raw, info }) => ({
    cells: record,
    line: info.lines - lineEnds(raw.replace(/^[\r\n]+|[\r\n]+$/g, "")),
    lastLine: info.lines,
  }));
  return unclosed === undefined ? { read: records } : { read: records, unclosed };
}

function delimiterOf(text: string): string {
  const header = (/^[^\r\n]*/.exec(text)?.[0] ?? "").replace(/"[^"]*"/g, "");
  const count = (mark: string): number => header.split(mark).length;
  return delimiters.reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

function lineEnds(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}
