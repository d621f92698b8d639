import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { manifestOf } from "./installed-packages.ts";
import type { Versions } from "./progress/json-lines.ts";

/** Version of this package; its package.json lies one folder above both the sources and the compiled files. */
export function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return versionIn(manifest) ?? "unknown";
}

/** Version of the runtime that the engine runs programs on, as installed for the engine; undefined when it is not. */
export function runtimeVersion(): string | undefined {
  try {
    const engine = createRequire(import.meta.url).resolve("@recon/engine/package.json");
    return packageVersion("onnxruntime-node", engine);
  } catch {
    return undefined;
  }
}

/** Version of an installed package as seen from a file; undefined when it is not installed there. */
export function packageVersion(name: string, from: string): string | undefined {
  const version = manifestOf(name, from)?.version;
  return typeof version === "string" ? version : undefined;
}

/** What a measurement depends on: versions of recon, the runtime and Node, and the threads. */
export function versionsOf(device: string, threads: number): Versions {
  return {
    recon: ownVersion(),
    engine: `onnxruntime ${runtimeVersion() ?? "unknown"} ${device}`,
    threads: String(threads),
    node: process.versions.node,
  };
}

function versionIn(manifest: unknown): string | undefined {
  if (typeof manifest !== "object" || manifest === null || !("version" in manifest)) return undefined;
  return typeof manifest.version === "string" ? manifest.version : undefined;
}
