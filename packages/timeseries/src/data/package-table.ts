import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installedPackage, ReconError } from "@recon/core";

/** Rows of a table of an installed package, as records of text. */
export type PackageRows = readonly Readonly<Record<string, string>>[];

/**
 * A table that a package brings, with commas between its cells and none in them.
 *
 * @throws ReconError `missing-package`; `unreadable-series` where the file or a column is not there.
 */
export function packageTable(name: string, file: string, columns: readonly string[], usedBy: string): PackageRows {
  const path = join(installedPackage(name, usedBy), file);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw unexpected(name, file, usedBy, cause);
  }
  const [header = "", ...lines] = text.trimEnd().split(/\r?\n/);
  const names = header.split(",");
  if (!columns.every((column) => names.includes(column))) throw unexpected(name, file, usedBy);
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((column, i) => [column, cells[i] ?? ""]));
  });
}

/** A column of a table as numbers; NaN where a cell holds none. */
export function numbersOf(rows: PackageRows, column: string): Float64Array {
  return Float64Array.from(rows, (row) => (row[column] === "" ? Number.NaN : Number(row[column])));
}

function unexpected(name: string, file: string, usedBy: string, cause?: unknown): ReconError {
  return new ReconError(
    "unreadable-series",
    `${usedBy}: ${file} of the package ${name} is missing or of another version. Run: npm install ${name}`,
    { cause },
  );
}
