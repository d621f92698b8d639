import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { checkPlugin, ReconError } from "@recon/core";
import { isReconError } from "../recon-error.ts";
import { type LoadedPlugin, loadPlugin } from "./load-plugins.ts";

/** Files that hand plugins over by value, of which a folder may have one. */
const configFiles = ["recon.config.js", "recon.config.mjs", "recon.config.ts"] as const;

/**
 * The plugins that apply to every audit of a working directory: those named on the command line, and those that its `recon.config.js` hands over:
 *
 *     export default { plugins: [mine, "recon-prior-edges"] };
 *
 * A plugin that both name is loaded once. Throws what `loadPlugin` throws, and `bad-config`.
 */
export async function otherPlugins(named: readonly string[], cwd: string): Promise<readonly LoadedPlugin[]> {
  const loaded: LoadedPlugin[] = [];
  for (const use of named) loaded.push(await loadPlugin(use, cwd));
  loaded.push(...(await configured(cwd)));
  return loaded.filter(({ plugin }, index) => loaded.findIndex((other) => other.plugin === plugin) === index);
}

async function configured(cwd: string): Promise<readonly LoadedPlugin[]> {
  const file = configFiles.find((name) => existsSync(join(cwd, name)));
  if (file === undefined) return [];
  const config = await importConfig(file, cwd);
  const plugins = typeof config === "object" && config !== null && "plugins" in config ? config.plugins : undefined;
  if (!Array.isArray(plugins)) {
    throw new ReconError("bad-config", `${file}: its default export must be { plugins: [...] }, a list of plugins.`);
  }
  const loaded: LoadedPlugin[] = [];
  for (const [index, plugin] of plugins.entries()) {
    const place = `${file}: plugins[${index}]`;
    loaded.push(
      typeof plugin === "string"
        ? await loadPlugin(plugin, cwd)
        : { use: file, plugin: checkPlugin(plugin, place), byValue: true },
    );
  }
  return loaded;
}

async function importConfig(file: string, cwd: string): Promise<unknown> {
  const path = join(cwd, file);
  try {
    if (file.endsWith(".ts")) return await importTypeScript(path, cwd);
    const loaded: { readonly default?: unknown } = await import(pathToFileURL(path).href);
    return loaded.default;
  } catch (cause) {
    if (isReconError(cause)) throw new ReconError(cause.code, `${file}: ${cause.message}`, { cause });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ReconError("bad-config", `${file} does not load: ${why}`, { cause });
  }
}

interface Jiti {
  createJiti(from: string): { import(path: string, options: { readonly default: true }): Promise<unknown> };
}

/** Node 20 loads no TypeScript; jiti does, where the user has installed it. */
async function importTypeScript(path: string, cwd: string): Promise<unknown> {
  let jiti: string;
  try {
    jiti = createRequire(join(cwd, "noop.js")).resolve("jiti");
  } catch (cause) {
    const advice = "Run: npm install jiti, or write it as recon.config.js";
    throw new ReconError("bad-config", `TypeScript is loaded through jiti, which is not installed. ${advice}.`, {
      cause,
    });
  }
  const { createJiti }: Jiti = await import(pathToFileURL(jiti).href);
  return createJiti(path).import(path, { default: true });
}
