import { extname } from "node:path";
import { ReconError } from "@recon/core";
import { readTable } from "./read-table.ts";
import type { TextFile } from "./read-text-file.ts";

/** A row of a file: its values by column, or why it has none. */
export type Row = { readonly line: number; readonly lastLine: number } & (
  | { readonly values: Readonly<Record<string, unknown>> }
  | { readonly fault: string }
);

export interface Rows {
  readonly rows: readonly Row[];
  /** Names of the columns; absent where every row has its own, as in JSON. */
  readonly columns?: readonly string[];
}

/** The column that a line of plain text is. */
export const lineColumn = "text";

/** Reads the rows of one kind of file. */
type Reader = (text: string, delimiter: string | undefined) => Rows;

const readers: Readonly<Record<string, Reader>> = {
  ".txt": (text) => ({
    columns: [lineColumn],
    rows: linesOf(text).map(({ line, text }) => ({ line, lastLine: line, values: { [lineColumn]: text } })),
  }),
  ".csv": (text, delimiter) => readTable(text, delimiter),
  ".tsv": (text, delimiter) => readTable(text, delimiter ?? "\t"),
  ".jsonl": readObjects,
  ".ndjson": readObjects,
};

/**
 * The rows of a file by its extension: .txt (a text a line), .csv and .tsv with a header, .jsonl or .ndjson (an object a line).
 *
 * A row that cannot be read carries the fault and leaves the others as they are.
 *
 * @throws ReconError `unreadable-text` for another extension or a table without a header.
 */
export function readRows({ text, undecodable }: TextFile, name: string, delimiter?: string): Rows {
  const reader = Object.entries(readers).find(([extension]) => extension === extname(name).toLowerCase())?.[1];
  if (reader === undefined) {
    const known = Object.keys(readers).join(", ");
    throw new ReconError("unreadable-text", `folder: "${name}" is of no kind that is read. Give one of ${known}.`);
  }
  const { rows, columns } = reader(text, delimiter);
  const bad = [...undecodable];
  const checked = rows.map((row): Row => {
    const wrong = bad.find((line) => line >= row.line && line <= row.lastLine);
    return wrong === undefined
      ? row
      : { line: row.line, lastLine: row.lastLine, fault: `line ${wrong} is not UTF-8; save the file in UTF-8` };
  });
  return columns === undefined ? { rows: checked } : { rows: checked, columns };
}

function linesOf(text: string): readonly { readonly line: number; readonly text: string }[] {
  const lines = text.split(/\r\n|\n|\r/);
  // What ends a file is no line.
  if (lines.at(-1) === "") lines.pop();
  return lines.map((text, i) => ({ line: i + 1, text }));
}

function readObjects(text: string): Rows {
  const rows = linesOf(text)
    .filter(({ text }) => text.trim() !== "")
    .map(({ line, text }): Row => {
      const at = { line, lastLine: line };
      try {
        const value: unknown = JSON.parse(text);
        if (typeof value === "object" && value !== null && !Array.isArray(value))
          return { ...at, values: value as Readonly<Record<string, unknown>> };
        return { ...at, fault: "the line is not a JSON object" };
      } catch (cause) {
        return { ...at, fault: `the line is not JSON: ${(cause as Error).message}` };
      }
    });
  return { rows };
}
