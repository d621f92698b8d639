import { basename, resolve } from "node:path";
import { type DataSource, ReconError, type Skipped } from "@recon/core";
import { badOption, type Checks, checkOptions, integer, nonEmpty, oneOf } from "@recon/core/options";
import type { TextDomain } from "../domain.ts";
import { type Row, type Rows, readRows } from "./read-rows.ts";
import { delimiters } from "./read-table.ts";
import { readTextFile } from "./read-text-file.ts";
import { type LabelledText, textItems } from "./text-items.ts";
import { domainOf, type TextSourceOptions, textSourceChecks } from "./text-source-options.ts";

export interface FolderOptions extends TextSourceOptions {
  /** The file: .txt with a text a line, .csv or .tsv with a header, .jsonl or .ndjson; relative to the working directory. */
  readonly path: string;
  /** Column of the texts; `text` unless said, or the only one there is. */
  readonly column?: string;
  /** Column of the classes; every text is of class 0 unless said. */
  readonly label?: string;
  /** Width of the one-hot target; as many as there are labels, at least 2, unless said. */
  readonly classes?: number;
  /** What stands between the cells of a table; the one that its header holds most of unless said. */
  readonly delimiter?: (typeof delimiters)[number];
}

/** More different labels than this are no classes. */
const mostClasses = 1000;

const checks: Checks<FolderOptions> = {
  ...textSourceChecks,
  path: nonEmpty(),
  column: nonEmpty(),
  label: nonEmpty(),
  classes: integer(2, 100_000),
  delimiter: oneOf(delimiters),
};

/**
 * The user's own texts, from one file in UTF-8.
 *
 * Classes are the different labels in the order of their numbers or names. A row that cannot be used (no text, no label, no piece that the vocabulary knows, not
 * UTF-8, damaged) is named in `skipped` with its line and the reason; the others stay.
 *
 * @throws ReconError `bad-option`; on opening `no-such-file`, `unreadable-text`, `no-data`, and `bad-option` for a missing column or too many labels.
 */
export function folder(options: FolderOptions): DataSource & { readonly domain: TextDomain } {
  checkOptions("folder", options, checks);
  if (options.path === undefined)
    throw new ReconError("bad-option", 'folder: option "path" is missing. Give the path of a file of texts.');
  const { path, count } = options;
  const domain = domainOf(options);
  return {
    name: "folder",
    options: { ...options },
    card: { title: `Texts in ${path}`, source: "the user's own file", licence: "not known" },
    domain,
    open: async () => {
      const read = readRows(await readTextFile(resolve(path), path), path, options.delimiter);
      const { texts, labels, skipped } = pick(read, options);
      const names = inOrder([...new Set(labels)]);
      const classes = options.classes ?? Math.max(2, names.length);
      if (names.length > Math.min(classes, mostClasses)) throw tooManyLabels(names.length, options);
      const places = new Map(names.map((name, place) => [name, place]));
      return textItems(
        texts.map(({ id, text }, i): LabelledText => ({ id, text, label: places.get(labels[i]!) ?? 0 })),
        { name: `folder: "${path}"`, domain, classes, count, skipped },
      );
    },
  };
}

interface Picked {
  readonly texts: { readonly id: string; readonly text: string }[];
  /** One for every text; empty where none were asked for. */
  readonly labels: string[];
  readonly skipped: Skipped[];
}

/** The texts and labels of the rows that have them. */
function pick({ rows, columns }: Rows, { path, column, label }: FolderOptions): Picked {
  const texts = column ?? (columns?.length === 1 ? columns[0]! : "text");
  if (columns !== undefined) {
    for (const [option, name] of [["column", texts] as const, ["label", label] as const]) {
      if (name !== undefined && !columns.includes(name))
        throw badOption("folder", option, name, `a column of "${path}", which has ${columns.join(", ")}`);
    }
  }
  const picked: Picked = { texts: [], labels: [], skipped: [] };
  for (const row of rows) {
    const id = `${basename(path)}:${row.line}`;
    const text = cellOf(row, texts);
    const found = label === undefined ? undefined : cellOf(row, label);
    const fault = text.fault ?? emptiness("text", text.value) ?? found?.fault ?? emptiness("label", found?.value);
    if (fault !== undefined) picked.skipped.push({ id, reason: fault });
    else {
      picked.texts.push({ id, text: text.value! });
      if (found !== undefined) picked.labels.push(found.value!.trim());
    }
  }
  return picked;
}

function emptiness(what: string, value: string | undefined): string | undefined {
  return value?.trim() === "" ? `the ${what} is empty` : undefined;
}

/** A cell as text: numbers and truth values are written out. */
function cellOf(row: Row, column: string): { readonly value?: string; readonly fault?: string } {
  if ("fault" in row) return { fault: row.fault };
  const value = Object.hasOwn(row.values, column) ? row.values[column] : undefined;
  if (value === undefined) return { fault: `the row has no value in column "${column}"` };
  if (typeof value === "string") return { value };
  if (typeof value === "number" || typeof value === "boolean") return { value: String(value) };
  return { fault: `the value in column "${column}" is not a text` };
}

/** Numbers by size, anything else by code unit. */
function inOrder(labels: readonly string[]): readonly string[] {
  const numbers = labels.every((label) => Number.isFinite(Number(label)));
  return labels.toSorted((a, b) => (numbers && Number(a) - Number(b)) || (a < b ? -1 : a > b ? 1 : 0));
}

function tooManyLabels(found: number, { path, label, classes }: FolderOptions): ReconError {
  const advice =
    found > mostClasses ? "Choose a column of classes" : `Set it to ${found} or more, or choose another column`;
  return new ReconError(
    "bad-option",
    `folder: column "${label}" of "${path}" has ${found} different labels, and option "classes" is ${classes ?? mostClasses}. ${advice}.`,
  );
}
