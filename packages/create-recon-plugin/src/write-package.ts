import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { manifestOf } from "./manifest.ts";
import type { Names } from "./names.ts";

const templates = join(dirname(dirname(fileURLToPath(import.meta.url))), "template");

/** Names of files that npm would leave out of a package or read as its own. */
const renamed: Readonly<Record<string, string>> = { gitignore: ".gitignore" };

/**
 * Writes the package into a folder that is empty or not there yet.
 *
 * @returns The files, by their paths in the folder.
 * @throws Error when something is there already.
 */
export function writePackage(folder: string, names: Names): readonly string[] {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Error(`${folder} is not empty. Name another folder with --directory, or remove what is in it.`);
  }
  const files = new Map([["package.json", manifestOf(names)]]);
  for (const template of ["shared", names.kind]) {
    for (const path of filesIn(join(templates, template))) {
      files.set(
        filled(renamed[path] ?? path, names),
        filled(readFileSync(join(templates, template, path), "utf8"), names),
      );
    }
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return [...files.keys()];
}

/** The templates are a package called `sample-piece`. */
function filled(text: string, names: Names): string {
  return text
    .replaceAll("recon-kind-sample-piece", names.package)
    .replaceAll("sample-piece", names.piece)
    .replaceAll("samplePiece", names.factory);
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    );
}
