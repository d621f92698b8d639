import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installedPackage, ReconError } from "@recon/core";

/** The lists of whole molecules, by what is known of them. */
export const moleculeLists = ["mutagenic", "tumorigenic", "irritant", "reproductive"] as const;
export type MoleculeList = (typeof moleculeLists)[number];

/** The list of the parts of molecules that say what is known of them: a molecule each, with hydrogens where the rest was. */
export const partList = "substructures";

/** A molecule as its identity code, and where it stands. */
export interface ListedCode {
  readonly id: string;
  readonly code: string;
}

/** The identity codes of one list of OpenChemLib's toxicity predictor, in its order. @throws ReconError `missing-package`. */
export function listedCodes(list: MoleculeList | typeof partList, usedBy: string): readonly ListedCode[] {
  const path = join(installedPackage("openchemlib", usedBy), "dist/resources.json");
  const entries =
    list === partList ? moleculeLists.flatMap((whole) => [`${whole[0]}1`, `${whole[0]}2`]) : [`${list[0]}3`];
  return codesOf(path, entries, usedBy).map((code, i): ListedCode => ({ id: `${list} ${i + 1}`, code }));
}

/** All lines of some lists. */
function codesOf(path: string, entries: readonly string[], usedBy: string): readonly string[] {
  const names = entries.map((entry) => `/resources/toxpredictor/${entry}.txt`);
  let texts: readonly unknown[];
  try {
    const resources = JSON.parse(readFileSync(path, "utf8"));
    texts = names.map((name) => resources[name]);
  } catch (cause) {
    throw unexpected(usedBy, names[0]!, cause);
  }
  return texts.flatMap((text, i) => {
    if (typeof text !== "string") throw unexpected(usedBy, names[i]!);
    return text.trim().split(/\s*\n/);
  });
}

function unexpected(usedBy: string, entry: string, cause?: unknown): ReconError {
  return new ReconError(
    "missing-package",
    `${usedBy}: the package openchemlib is of another version, without the list ${entry}. Run: npm install openchemlib@9`,
    { cause },
  );
}
