import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ReconError } from "./errors.ts";

/**
 * The folder of a package as installed for the working directory: data is found where the user put it, not where this package lies.
 *
 * @throws ReconError `missing-package`, saying what to install.
 */
export function installedPackage(name: string, usedBy: string): string {
  return installedPackages([name], usedBy)[0]!;
}

/**
 * The folders of several packages, in their order.
 *
 * @throws ReconError `missing-package`, naming all that are missing in one command.
 */
export function installedPackages(names: readonly string[], usedBy: string): readonly string[] {
  const found = names.map(folderOf);
  const missing = names.filter((_, i) => found[i] === undefined);
  if (missing.length === 0) return found.map((folder) => realpathSync(folder!));
  const what = missing.length === 1 ? `the package ${missing[0]}, which is` : `${missing.length} packages that are`;
  throw new ReconError(
    "missing-package",
    `${usedBy} needs ${what} not installed for ${process.cwd()}. Run: npm install ${missing.join(" ")}`,
  );
}

/** Its package.json is looked for as a file: a package may not export it. */
function folderOf(name: string): string | undefined {
  const roots = createRequire(join(process.cwd(), "package.json")).resolve.paths(name) ?? [];
  return roots.map((root) => join(root, name)).find((found) => existsSync(join(found, "package.json")));
}
