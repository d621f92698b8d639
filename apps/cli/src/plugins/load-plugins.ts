import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { checkPlugin, type Plugin, ReconError } from "@recon/core";
import { isReconError } from "../recon-error.ts";

/** A plugin and the word by which it was asked for, in an audit file or on the command line; of one that was handed over as a value, the file that did. */
export interface LoadedPlugin {
  readonly use: string;
  readonly plugin: Plugin;
  /** Handed over as a value, so that `use` cannot load it again. */
  readonly byValue?: true;
}

/**
 * Loads one package or file by the word in `use`. Short names mean packages of recon: `vision` is `@recon/vision`.
 *
 * Names are resolved from the working directory, as an import in a script there would be, never from inside this package: what
 * runs is what the user installed. Throws `plugin-not-found`, `plugin-broken`, `not-a-plugin` or `plugin-version`.
 */
export async function loadPlugin(use: string, cwd: string): Promise<LoadedPlugin> {
  const name = packageName(use);
  const path = resolved(use, name, cwd);
  let loaded: { readonly default?: unknown };
  try {
    loaded = await import(pathToFileURL(path).href);
  } catch (cause) {
    // A package written for another version of the contract says so itself, before anything of it can be seen.
    if (isReconError(cause)) throw new ReconError(cause.code, `"${use}" cannot be used. ${cause.message}`, { cause });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ReconError("plugin-broken", `"${use}" was found at ${path}, but it does not load: ${why}`, { cause });
  }
  return { use, plugin: checkPlugin(loaded.default, `The default export of "${use}"`) };
}

const isPath = (use: string): boolean => /^(\.{1,2}$|\.{0,2}\/|\.{1,2}\\|[A-Za-z]:[\\/])/.test(use);

/** `recon-prior-x` and `@someone/x` are packages as they stand; a word without either mark is one of recon's own. */
function packageName(use: string): string {
  return isPath(use) || use.startsWith("@") || use.startsWith("recon-") ? use : `@recon/${use}`;
}

function resolved(use: string, name: string, cwd: string): string {
  try {
    return createRequire(join(cwd, "noop.js")).resolve(name);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const what = isPath(use)
      ? `There is no file ${use} in ${cwd}.`
      : code === "MODULE_NOT_FOUND"
        ? `The package ${name} is not installed where ${cwd} would find it. Install it there: npm install ${name}`
        : `The package ${name} cannot be used: ${cause instanceof Error ? cause.message : cause}`;
    throw new ReconError("plugin-not-found", `"${use}" cannot be loaded. ${what}`, { cause });
  }
}
