import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ReconError } from "@recon/core";
import { type Arrays, gelu, geluTanh, relu, type Tensor } from "@recon/engine";
import { fetchedFolder } from "../hub/fetched-folder.ts";
import type { TransformerOptions } from "./transformer-options.ts";
import { transformerWeights } from "./transformer-weights.ts";

/** A kind of transformer: what its config.json calls it, and what is assumed where that says nothing. */
export interface TransformerKind {
  /** Name of the model here. */
  readonly name: string;
  /** `model_type` of its config.json. */
  readonly type: string;
  readonly activation: Activation;
  /** ε of the normalisations. */
  readonly epsilon: number;
}

/** The sizes of a transformer, what it applies between its layers, and its trained weights where it has any. */
export interface TransformerConfiguration {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly hidden: number;
  readonly positions: number;
  readonly std: number;
  readonly activation: (x: Tensor) => Tensor;
  readonly epsilon: number;
  /** Rows of the table of embeddings, where the configuration says so: there may be more than pieces. */
  readonly words?: number;
  readonly trained?: () => Arrays;
}

/** Names of the sizes in a config.json, most common first, and the largest that is read. */
const sizes = {
  layers: { names: ["num_hidden_layers", "n_layer"], most: 200 },
  width: { names: ["hidden_size", "n_embd"], most: 20_000 },
  heads: { names: ["num_attention_heads", "n_head"], most: 256 },
  hidden: { names: ["intermediate_size", "n_inner"], most: 100_000 },
  positions: { names: ["max_position_embeddings", "n_positions"], most: 100_000 },
} as const;

type Size = keyof typeof sizes;

type Activation = "gelu" | "gelu_new" | "gelu_pytorch_tanh" | "relu";

const activations: Readonly<Record<Activation, (x: Tensor) => Tensor>> = {
  gelu,
  gelu_new: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  relu,
};

/**
 * A transformer's sizes from its options, or from config.json of the folder that holds its weights.
 *
 * @throws ReconError `bad-option`; `not-fetched` when a model of the hub is not there; `model-folder` when a file is missing, unreadable or does not say what it must.
 */
export function transformerConfiguration(kind: TransformerKind, options: TransformerOptions): TransformerConfiguration {
  const { layers = 2, width = 128, heads = 2, hidden = 4 * width, positions = 128, std = 0.02 } = options;
  const { name, activation, epsilon } = kind;
  const folder = folderOf(name, options);
  if (folder !== undefined) return fromFolder(kind, folder, std);
  if (width % heads !== 0) {
    throw new ReconError("bad-option", `${name}: the width ${width} is not a multiple of ${heads} heads.`);
  }
  return { layers, width, heads, hidden, positions, std, epsilon, activation: activations[activation] };
}

function folderOf(name: string, { folder, hub }: TransformerOptions): string | undefined {
  if (hub === undefined) return folder;
  if (folder === undefined) return fetchedFolder(name, hub);
  throw new ReconError("bad-option", `${name}: give either "folder" or "hub", not both.`);
}

function fromFolder(kind: TransformerKind, folder: string, std: number): TransformerConfiguration {
  const { name, type } = kind;
  const file = join(folder, "config.json");
  const config = readConfiguration(name, file);
  const refuse = (what: string): ReconError => new ReconError("model-folder", `${name}: ${file} ${what}`);
  if (config.model_type !== undefined && config.model_type !== type) {
    throw refuse(`is of the type ${JSON.stringify(config.model_type)}, and ${name} reads the type "${type}".`);
  }
  if ((config.position_embedding_type ?? "absolute") !== "absolute") {
    throw refuse(
      `asks for ${JSON.stringify(config.position_embedding_type)} positions, and only absolute ones are read.`,
    );
  }
  const size = (which: Size): number => {
    const { names, most } = sizes[which];
    // A decoder that does not say has a hidden layer four times as wide.
    const value = firstOf(config, names) ?? (which === "hidden" ? 4 * size("width") : undefined);
    if (isWhole(value, most)) return value;
    throw refuse(
      `must say ${names.join(" or ")} as a whole number from 1 to ${most}, not ${JSON.stringify(value) ?? "nothing"}.`,
    );
  };
  const [layers, width, heads] = [size("layers"), size("width"), size("heads")];
  if (width % heads !== 0) throw refuse(`says a width of ${width}, which is no multiple of its ${heads} heads.`);
  const activation = firstOf(config, ["hidden_act", "activation_function"]) ?? kind.activation;
  if (typeof activation !== "string" || !Object.hasOwn(activations, activation)) {
    const known = Object.keys(activations).join(", ");
    throw refuse(`asks for the activation ${JSON.stringify(activation)}; known are ${known}.`);
  }
  const epsilon = firstOf(config, ["layer_norm_eps", "layer_norm_epsilon"]) ?? kind.epsilon;
  if (typeof epsilon !== "number" || !(epsilon > 0)) throw refuse("must say layer_norm_eps as a number above 0.");
  const words = config.vocab_size;
  if (words !== undefined && !isWhole(words, 10_000_000)) throw refuse("must say vocab_size as a whole number.");
  return {
    layers,
    width,
    heads,
    hidden: size("hidden"),
    positions: size("positions"),
    std,
    epsilon,
    activation: activations[activation as Activation],
    ...(words !== undefined && { words }),
    trained: () => transformerWeights(name, folder),
  };
}

function readConfiguration(name: string, file: string): Readonly<Record<string, unknown>> {
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
  if (typeof config === "object" && config !== null && !Array.isArray(config)) return config as Record<string, unknown>;
  throw new ReconError("model-folder", `${name}: ${file} must hold a record of names and values.`);
}

function firstOf(config: Readonly<Record<string, unknown>>, names: readonly string[]): unknown {
  return names.map((one) => config[one]).find((value) => value !== undefined && value !== null);
}

function isWhole(value: unknown, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most;
}
