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
  // Its package.json is looked for as a file: a package may not export it.
  const roots = createRequire(join(process.cwd(), "package.json")).resolve.paths(name) ?? [];
  const folder = roots.map((root) => join(root, name)).find((found) => existsSync(join(found, "package.json")));
  if (folder !== undefined) return realpathSync(folder);
  throw new ReconError(
    "missing-package",
    `${usedBy} needs the package ${name}, which is not installed for ${process.cwd()}. Run: npm install ${name}`,
  );
}
