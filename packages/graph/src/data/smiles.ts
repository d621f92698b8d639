import { basename, extname } from "node:path";
import { ReconError, type Skipped } from "@recon/core";
import { badOption, type Checks, checkOptions, integer, nonEmpty, oneOf } from "@recon/core/options";
import { atomTable } from "../molecules/atom-table.ts";
import { smilesReader } from "../molecules/open-chem-lib.ts";
import { filledOptions, type MoleculeOptions, moleculeChecks } from "./molecule-options.ts";
import { type MoleculeSource, moleculeSource } from "./molecule-source.ts";
import { readMolecules } from "./read-molecules.ts";
import { delimiters, readTable } from "./read-table.ts";
import { readTextFile } from "./read-text-file.ts";

export interface SmilesOptions extends MoleculeOptions {
  /** A table with a header (.csv, .tsv), else a SMILES a line, with anything after a blank; relative to the working directory. */
  readonly path: string;
  /** Column of a table that holds the SMILES; `smiles` unless said. */
  readonly column?: string;
  /** Column of the classes; every molecule is of class 0 unless said. */
  readonly label?: string;
  /** Width of the one-hot target; as many as there are labels, at least 2, unless said. */
  readonly classes?: number;
  readonly delimiter?: (typeof delimiters)[number];
}

const checks: Checks<SmilesOptions> = {
  ...moleculeChecks,
  path: nonEmpty(),
  column: nonEmpty(),
  label: nonEmpty(),
  classes: integer(2, 1000),
  delimiter: oneOf(delimiters),
};

/** A molecule as a line of the file. */
interface SmilesLine {
  readonly id: string;
  readonly code: string;
  readonly label: string;
}

/**
 * The user's own molecules, as SMILES in a file. Lines that cannot be used are named with the reason.
 *
 * Several parts with a dot between them, as in salts, are one graph of several components. Classes are the different labels in order.
 *
 * @throws ReconError `bad-option`; when it is read `missing-package`, `no-such-file`, `unreadable-file`, `no-data`, and `bad-option` for a missing column or too
 * many labels.
 */
export function smiles(options: SmilesOptions): MoleculeSource {
  checkOptions("smiles", options, checks);
  const { path } = options;
  if (path === undefined) throw badOption("smiles", "path", path, "the path of a file of SMILES");
  const filled = filledOptions(options);
  return moleculeSource({
    name: "smiles",
    options: { ...options, ...filled },
    filled,
    card: { title: `Molecules in ${path}`, source: "the user's own file", licence: "not known" },
    read: () => {
      const { lines, skipped } = linesOf(options);
      const names = [...new Set(lines.map(({ label }) => label))].sort(inOrder);
      const classes = options.classes ?? Math.max(2, names.length);
      if (names.length > Math.min(classes, 1000)) {
        throw badOption("smiles", "classes", classes, `at least ${names.length}, the number of different labels`);
      }
      const labelOf = new Map(lines.map(({ id, label }) => [id, names.indexOf(label)]));
      const read = readMolecules({
        codes: lines,
        read: smilesReader("smiles"),
        table: atomTable(filled),
        atoms: filled.atoms,
      });
      return {
        classes,
        molecules: read.molecules.map((molecule) => ({ ...molecule, label: labelOf.get(molecule.id)! })),
        skipped: [...skipped, ...read.skipped],
      };
    },
  });
}

function linesOf(options: SmilesOptions): {
  readonly lines: readonly SmilesLine[];
  readonly skipped: readonly Skipped[];
} {
  const { path, column = "smiles", label, delimiter } = options;
  const text = readTextFile(path, "smiles");
  const idOf = (line: number): string => `${basename(path)}:${line}`;
  if (![".csv", ".tsv"].includes(extname(path).toLowerCase())) {
    if (label !== undefined) throw badOption("smiles", "label", label, "left out: only tables have columns");
    const lines = text
      .split(/\r?\n/)
      .map((line, i) => ({ id: idOf(i + 1), code: line.trim().split(/\s/)[0]!, label: "" }));
    return { lines: lines.filter(({ code }) => code !== "" && !code.startsWith("#")), skipped: [] };
  }
  const [header, ...rows] = readTable(text, path, "smiles", delimiter);
  if (header === undefined) throw new ReconError("no-data", `smiles: "${path}" is empty.`);
  const placeOf = (option: string, name: string): number => {
    const place = header.cells.indexOf(name);
    if (place >= 0) return place;
    throw badOption("smiles", option, name, `a column of "${path}", which has ${header.cells.join(", ")}`);
  };
  const [codes, labels] = [placeOf("column", column), label === undefined ? undefined : placeOf("label", label)];
  const lines: SmilesLine[] = [];
  const skipped: Skipped[] = [];
  for (const { cells, line } of rows) {
    const [code = "", own = ""] = [cells[codes], labels === undefined ? "" : cells[labels]];
    const missing = code === "" ? "SMILES" : labels !== undefined && own === "" ? "label" : undefined;
    if (missing === undefined) lines.push({ id: idOf(line), code, label: own });
    else skipped.push({ id: idOf(line), reason: `the row has no ${missing}` });
  }
  return { lines, skipped };
}

/** Numbers by size, anything else by code unit. */
function inOrder(a: string, b: string): number {
  return Number(a) - Number(b) || (a < b ? -1 : a > b ? 1 : 0);
}
