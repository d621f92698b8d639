import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ReconError } from "./errors.ts";

/**
 * The folder of a package as installed for the working directory: data is found where the user put it, not where this package lies.
 *
 * @throws ReconError `missing-package`, saying what to install.
 */
export function installedPackage(name: string, usedBy: string): string {
  const require = createRequire(join(process.cwd(), "package.json"));
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch (cause) {
    throw new ReconError(
      "missing-package",
      `${usedBy} needs the package ${name}, which is not installed for ${process.cwd()}. Run: npm install ${name}`,
      { cause },
    );
  }
}
