import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ReconError } from "@recon/core";
import type { Arrays } from "@recon/engine";
import { readSafetensors } from "@recon/engine/files";

/** Prefixes that exporters put before a model's own names. */
const prefix = /^(?:bert|transformer)\./;

/** Names that older exporters gave the arrays of a normalisation. */
const older: readonly (readonly [RegExp, string])[] = [
  [/\.gamma$/, ".weight"],
  [/\.beta$/, ".bias"],
];

/**
 * The arrays of model.safetensors in a folder, by a transformer's own names: without the prefixes `bert.` and `transformer.`.
 *
 * @throws ReconError `model-folder` when the file is missing or damaged.
 */
export function transformerWeights(name: string, folder: string): Arrays {
  const file = join(folder, "model.safetensors");
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new ReconError("model-folder", `${name}: ${file} cannot be read: ${(cause as Error).message}.`, { cause });
  }
  try {
    return Object.fromEntries(Object.entries(readSafetensors(bytes)).map(([key, value]) => [ownName(key), value]));
  } catch (cause) {
    throw new ReconError("model-folder", `${name}: ${file} is damaged: ${(cause as Error).message}`, { cause });
  }
}

function ownName(key: string): string {
  return older.reduce((own, [end, now]) => own.replace(end, now), key.replace(prefix, ""));
}
