import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installedPackage, ReconError } from "@recon/core";

/** The lists of whole molecules, by what is known of them. */
export const moleculeLists = ["mutagenic", "tumorigenic", "irritant", "reproductive"] as const;
export type MoleculeList = (typeof moleculeLists)[number];

/** A molecule as its identity code, and where it stands. */
export interface ListedCode {
  readonly id: string;
  readonly code: string;
}

/** The identity codes of one list of OpenChemLib's toxicity predictor, in its order. @throws ReconError `missing-package`. */
export function listedCodes(list: MoleculeList, usedBy: string): readonly ListedCode[] {
  const path = join(installedPackage("openchemlib", usedBy), "dist/resources.json");
  const entry = `/resources/toxpredictor/${list[0]}3.txt`;
  let text: string | undefined;
  try {
    text = JSON.parse(readFileSync(path, "utf8"))[entry];
  } catch (cause) {
    throw unexpected(usedBy, entry, cause);
  }
  if (typeof text !== "string") throw unexpected(usedBy, entry);
  return text
    .split("\n")
    .map((line, i): ListedCode => ({ id: `${list} ${i + 1}`, code: line.trim() }))
    .filter(({ code }) => code !== "");
}

function unexpected(usedBy: string, entry: string, cause?: unknown): ReconError {
  return new ReconError(
    "missing-package",
    `${usedBy}: the package openchemlib is of another version, without the list ${entry}. Run: npm install openchemlib@9`,
    { cause },
  );
}
