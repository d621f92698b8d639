import { ReconError } from "@recon/core";
import { filledLength, findDelimiter } from "./find-delimiter.ts";
import { type Delimiter, readRecords, type TableRecord } from "./read-records.ts";
import { timeStamp } from "./time-stamps.ts";

/** A table of text. */
export interface Table {
  readonly delimiter: Delimiter;
  /** Names of the columns; `column 1`, `column 2`, ... where the first row is one of values. */
  readonly columns: readonly string[];
  /** Every row has a cell for every column, empty where it was shorter. */
  readonly rows: readonly TableRecord[];
}

/**
 * The rows of a table (RFC 4180: quoted cells may hold delimiters and line ends); lines that begin with # are left out.
 *
 * Unless said, the delimiter is the one by which the header and the first rows have equally many cells, and the most of them.
 *
 * @throws ReconError `unreadable-series` without rows, with a row that is longer than the header, or with a quotation mark that is never closed.
 */
export function readTable(text: string, shown: string, delimiter?: Delimiter): Table {
  const chosen = delimiter ?? findDelimiter(text, shown);
  const [first, ...rest] = readRecords(text, shown, chosen);
  if (first === undefined) throw new ReconError("unreadable-series", `csv: "${shown}" is empty.`);
  const width = first.cells.length;
  const named = !first.cells.every((cell) => cell === "" || isValue(cell));
  const rows = (named ? rest : [first, ...rest]).map(({ cells, line }): TableRecord => {
    if (filledLength(cells) > width) throw tooLong(shown, line, filledLength(cells), width, chosen);
    return { line, cells: Array.from({ length: width }, (_, i) => cells[i] ?? "") };
  });
  if (rows.length === 0) throw new ReconError("unreadable-series", `csv: "${shown}" has a header and no row below it.`);
  return { delimiter: chosen, columns: first.cells.map((name, i) => (named && name) || `column ${i + 1}`), rows };
}

/** Whether a cell is one of data rather than a name. */
function isValue(cell: string): boolean {
  return /^[+-]?[\d.,\s]*\d(e[+-]?\d+)?$/i.test(cell) || timeStamp(cell) !== undefined;
}

function tooLong(shown: string, line: number, cells: number, width: number, delimiter: Delimiter): ReconError {
  const mark = JSON.stringify(delimiter);
  return new ReconError(
    "unreadable-series",
    `csv: "${shown}" has ${cells} cells in line ${line}, and its header ${width}, with ${mark} between them. Remove lines above the header, quote cells that hold ${mark}, as numbers with a decimal comma, or set "delimiter".`,
  );
}
