import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ReconError } from "@recon/core";

/**
 * Where a model of the hub is kept once it was fetched: `recon/models/<name>` in the user's folder of cached files ($XDG_CACHE_HOME, or ~/.cache).
 *
 * @throws ReconError `bad-option` when this is no name of a model, `owner/model` or `model`.
 */
export function cachedFolder(name: string): string {
  const parts = name.split("/");
  if (parts.length > 2 || !parts.every((part) => /^\w[\w.-]*$/.test(part))) {
    throw new ReconError(
      "bad-option",
      `"${name}" is no name of a model on the hub. It has the form owner/model, of letters, digits, "_", "-" and ".".`,
    );
  }
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "recon", "models", ...parts);
}

/**
 * The folder of a model that `fetchModel` has fetched. Factories are synchronous and runs should not depend on the network, so nothing is fetched here.
 *
 * @throws ReconError `bad-option`; `not-fetched`, saying how to fetch it.
 */
export function fetchedFolder(usedBy: string, name: string): string {
  const folder = cachedFolder(name);
  if (existsSync(join(folder, "config.json"))) return folder;
  const command = `node -e 'import("@recon/text").then((text) => text.fetchModel("${name}"))'`;
  throw new ReconError(
    "not-fetched",
    `${usedBy}: the model ${name} of the hub is not in ${folder}. Where the network allows, fetch it once: ${command}`,
  );
}
