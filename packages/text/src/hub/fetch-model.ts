import { constants, existsSync } from "node:fs";
import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ReconError } from "@recon/core";
import { silenceRuntime } from "@recon/engine";
import { cachedFolder } from "./fetched-folder.ts";

/** Files of a model, and whether every model has them. */
const files: Readonly<Record<string, boolean>> = {
  "config.json": true,
  "model.safetensors": true,
  "tokenizer.json": false,
  "tokenizer_config.json": false,
  "vocab.txt": false,
};

/** What is used of the library. */
interface Library {
  readonly env: {
    readonly allowLocalModels: boolean;
    readonly localModelPath: string;
    readonly allowRemoteModels: boolean;
    readonly remoteHost: string;
    readonly remotePathTemplate: string;
    /** Absent in versions before 3. */
    readonly fetch?: typeof fetch;
  };
}

export interface FetchModelOptions {
  /** Branch, tag or commit; `main` unless said. */
  readonly revision?: string;
  /** Where the files are put; unless said, where the option `hub` of models and data looks for them. */
  readonly folder?: string;
  readonly signal?: AbortSignal;
}

/**
 * Fetches configuration, weights and tokenizer of a model on the hub into a folder; a file that is there is kept. The whole of a run can then be repeated without a
 * network, and the options `hub: name` and `folder` find it.
 *
 * Where to fetch from is asked of `@xenova/transformers`: first its `env.localModelPath`, then `env.remoteHost` through its `env.fetch`, so that a mirror or a proxy
 * is set there.
 *
 * @returns the folder.
 * @throws ReconError `bad-option` for no name of a model; `missing-package` when `@xenova/transformers` is not installed; `hub-unreachable` when there is no network, or
 * the hub refuses; `model-folder` when the model has no weights as safetensors.
 */
export async function fetchModel(name: string, options: FetchModelOptions = {}): Promise<string> {
  const cached = cachedFolder(name);
  const { revision = "main", folder = cached, signal } = options;
  const { env } = await library();
  await mkdir(folder, { recursive: true });
  // The configuration comes last: a folder that has it has everything.
  for (const [file, needed] of Object.entries(files).reverse()) {
    await fetchFile(env, { name, revision, folder, signal }, file, needed);
  }
  return folder;
}

interface Place {
  readonly name: string;
  readonly revision: string;
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
}

async function fetchFile(env: Library["env"], place: Place, file: string, needed: boolean): Promise<void> {
  const { name, revision, folder, signal } = place;
  const target = join(folder, file);
  if (existsSync(target)) return;
  const local = join(env.localModelPath, name, file);
  if (env.allowLocalModels && existsSync(local)) return copyFile(local, target, constants.COPYFILE_FICLONE);
  if (!env.allowRemoteModels) {
    if (!needed) return;
    throw new ReconError("hub-unreachable", `${name}: ${local} is not there, and env.allowRemoteModels is false.`);
  }
  const path = env.remotePathTemplate
    .replaceAll("{model}", name)
    .replaceAll("{revision}", encodeURIComponent(revision));
  const url = new URL(`${path}${path.endsWith("/") ? "" : "/"}${file}`, env.remoteHost);
  const bytes = await download(env.fetch ?? fetch, url, signal);
  if (bytes !== undefined) return writeWhole(target, bytes);
  if (!needed) return;
  throw new ReconError(
    "model-folder",
    `${name}: the hub has no ${file} of it at ${url}. Only models with config.json and model.safetensors can be read.`,
  );
}

/** What lies at an address, or undefined where the host says that nothing does. */
async function download(get: typeof fetch, url: URL, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
  let reason: string;
  let cause: unknown;
  try {
    const response = await get(url, signal === undefined ? {} : { signal });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    if (response.status === 404) return undefined;
    reason = `it answered ${response.status} ${response.statusText}`.trim();
  } catch (error) {
    signal?.throwIfAborted();
    cause = error;
    reason = error instanceof Error ? error.message : String(error);
  }
  throw new ReconError(
    "hub-unreachable",
    `${url} cannot be fetched: ${reason}. Check the network and the name of the model, or put its files into a folder and give that as the option "folder".`,
    { cause },
  );
}

/** Under its own name only when it is complete. */
async function writeWhole(target: string, bytes: Uint8Array): Promise<void> {
  const partial = `${target}.partial-${process.pid}`;
  try {
    await writeFile(partial, bytes);
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
}

async function library(): Promise<Library> {
  // The library opens the same runtime.
  silenceRuntime();
  try {
    return (await import("@xenova/transformers")) as unknown as Library;
  } catch (cause) {
    throw new ReconError(
      "missing-package",
      "fetchModel needs the package @xenova/transformers, which is not installed. Run: npm install @xenova/transformers@npm:@huggingface/transformers@4.3.1",
      { cause },
    );
  }
}
