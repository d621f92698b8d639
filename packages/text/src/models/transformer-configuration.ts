import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ReconError } from "@recon/core";
import type { Arrays } from "@recon/engine";
import { readSafetensors } from "@recon/engine/files";
import type { TransformerOptions } from "./transformer-options.ts";

/** The sizes of a transformer, and its trained weights where it has any. */
export interface TransformerConfiguration {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly hidden: number;
  readonly positions: number;
  readonly std: number;
  readonly trained?: () => Arrays;
}

/** Names of the sizes in a config.json, most common first. */
const keys = {
  layers: ["num_hidden_layers", "n_layer"],
  width: ["hidden_size", "n_embd"],
  heads: ["num_attention_heads", "n_head"],
  hidden: ["intermediate_size", "n_inner"],
  positions: ["max_position_embeddings", "n_positions"],
} as const;

/** Prefixes that exporters put before a model's own names. */
const prefixes = ["bert.", "transformer."];

/**
 * The sizes of a transformer from its options, or from config.json of the folder that holds its weights.
 *
 * @throws ReconError `model-folder` when a file is missing, unreadable or does not say what it must.
 */
export function transformerConfiguration(name: string, options: TransformerOptions): TransformerConfiguration {
  const { layers = 2, width = 128, heads = 2, hidden = 4 * width, positions = 128, std = 0.02, folder } = options;
  const given = { layers, width, heads, hidden, positions, std };
  if (folder === undefined) return checked(name, given);
  const read = configurationOf(name, folder);
  return { ...checked(name, { ...given, ...read }), trained: () => weightsOf(name, folder) };
}

function checked(name: string, sizes: TransformerConfiguration): TransformerConfiguration {
  const { width, heads } = sizes;
  if (width % heads === 0) return sizes;
  throw new ReconError("bad-option", `${name}: the width ${width} is not a multiple of ${heads} heads.`);
}

function configurationOf(name: string, folder: string): Record<keyof typeof keys, number> {
  const file = join(folder, "config.json");
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new ReconError(
      "model-folder",
      `${name}: ${file} cannot be read as JSON: ${(cause as Error).message}. The folder must hold config.json and model.safetensors.`,
      { cause },
    );
  }
  const values = (typeof config === "object" && config !== null ? config : {}) as Readonly<Record<string, unknown>>;
  const width = keys.width.map((key) => values[key]).find((value) => value !== undefined);
  return Object.fromEntries(
    Object.entries(keys).map(([size, names]) => {
      const found = names.map((key) => values[key]).find((value) => value !== undefined && value !== null);
      // A decoder that does not say has a hidden layer four times as wide.
      const value = found ?? (size === "hidden" ? 4 * Number(width) : undefined);
      if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > 1e6) {
        throw new ReconError(
          "model-folder",
          `${name}: ${file} must say ${names.join(" or ")} as a whole number from 1 to 1000000, not ${JSON.stringify(value)}.`,
        );
      }
      return [size, value as number];
    }),
  ) as Record<keyof typeof keys, number>;
}

function weightsOf(name: string, folder: string): Arrays {
  const file = join(folder, "model.safetensors");
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new ReconError("model-folder", `${name}: ${file} cannot be read: ${(cause as Error).message}.`, { cause });
  }
  try {
    return Object.fromEntries(
      Object.entries(readSafetensors(bytes)).map(([key, value]) => {
        const prefix = prefixes.find((one) => key.startsWith(one)) ?? "";
        return [key.slice(prefix.length), value];
      }),
    );
  } catch (cause) {
    throw new ReconError("model-folder", `${name}: ${file} is damaged: ${(cause as Error).message}`, { cause });
  }
}
