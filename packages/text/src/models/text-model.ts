import { type DataToFit, type Domain, type Json, type Model, ReconError, type Rng } from "@recon/core";
import { type Arrays, crossEntropy, type NdArray, type Shape, sizeOf, type Tensor, type Tensors } from "@recon/engine";
import { isTextDomain, type TextDomain } from "../domain.ts";

/** How an array starts: normal with this deviation, or one number everywhere. */
export type InitialArray = { readonly shape: Shape } & ({ readonly std: number } | { readonly fill: number });

export interface TextModelOptions {
  readonly name: string;
  readonly options: Json;
  readonly data: DataToFit;
  /** Most ids of one input. */
  readonly length: number;
  readonly parameters: Readonly<Record<string, InitialArray>>;
  /** Arrays of which the client sends no gradient, such as tables of embeddings that are not trained. */
  readonly buffers?: Readonly<Record<string, InitialArray>>;
  /** Weights of a trained model by name. */
  readonly trained?: () => Arrays;
  /** What is drawn where the trained weights do not hold it, such as a classifier; nothing else may be missing. */
  readonly head?: readonly string[];
  readonly forward: Model["forward"];
  readonly loss?: Model["loss"];
  readonly lossKind?: string;
}

/**
 * A model of ids [B, T] in which −1 stands for no token, with the mean cross-entropy of two or more classes as loss unless another is given.
 *
 * @throws ReconError `shape` when the data is not text, or its longest item has more ids than the model takes.
 */
export function textModel(of: TextModelOptions): Model {
  const {
    name,
    options,
    data,
    length,
    parameters,
    buffers = {},
    trained,
    head = [],
    forward,
    lossKind = "cross-entropy",
  } = of;
  const domain = textDomainOf(name, data.domain);
  if (domain.maxLength > length) {
    throw new ReconError(
      "shape",
      `${name} takes at most ${length} ids, and texts may have ${domain.maxLength}. Set the data's option "max_length" to ${length}.`,
    );
  }
  const held = Object.keys(buffers).length > 0;
  return {
    name,
    options,
    parameters: shapesOf(parameters),
    ...(held && { buffers: shapesOf(buffers) }),
    input: { shape: [domain.maxLength], varies: [0], discrete: true },
    target: { shape: [data.classes], kind: "distribution" },
    lossKind,
    init: (rng) => {
      const arrays = { ...parameters, ...buffers };
      if (trained === undefined) return drawnArrays(arrays, rng);
      return { ...drawnArrays(only(arrays, head), rng), ...fittingArrays(name, arrays, trained(), head) };
    },
    forward,
    loss: of.loss ?? ((output: Tensor, { target }: Tensors) => crossEntropy(output, target!)),
  };
}

/**
 * Rows of a model's table of embeddings: as many as there are pieces, or as its configuration says.
 *
 * @throws ReconError `shape` when there are fewer rows than pieces.
 */
export function embeddingRows(name: string, data: DataToFit, words?: number): number {
  const { tokenizer } = textDomainOf(name, data.domain);
  const pieces = tokenizer.pieces.length;
  if (words === undefined || words >= pieces) return words ?? pieces;
  throw new ReconError(
    "shape",
    `${name}: its configuration says ${words} words, and the tokenizer "${tokenizer.name}" has ${pieces} pieces. Set the data's option "tokenizer" to the folder of the model.`,
  );
}

/** The domain of a model's data. @throws ReconError `shape` when it is not text. */
export function textDomainOf(name: string, domain: Domain): TextDomain {
  if (isTextDomain(domain)) return domain;
  throw new ReconError(
    "shape",
    `${name} takes texts, and the data is of the domain ${domain.name}. Choose data of text.`,
  );
}

/** The trained weights of the declared names. @throws ReconError `shape` when one is missing that is not in the head, or is of another shape. */
function fittingArrays(
  name: string,
  arrays: Readonly<Record<string, InitialArray>>,
  trained: Arrays,
  head: readonly string[],
): Arrays {
  const listed = (shape: Shape): string => `[${shape.join(", ")}]`;
  const fitting: Record<string, NdArray> = {};
  for (const [key, { shape }] of Object.entries(arrays)) {
    const found = trained[key];
    if (found === undefined && head.includes(key)) continue;
    const problem =
      found === undefined
        ? `do not hold "${key}" ${listed(shape)}`
        : found.shape.join() !== shape.join() &&
          `hold "${key}" as ${listed(found.shape)}, and the model takes ${listed(shape)}`;
    if (problem) {
      throw new ReconError(
        "shape",
        `${name}: the weights ${problem}. Check that the weights, their configuration and the tokenizer belong together.`,
      );
    }
    fitting[key] = found!;
  }
  return fitting;
}

function drawnArrays(arrays: Readonly<Record<string, InitialArray>>, rng: Rng): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([key, initial]) => [key, drawn(initial, rng.split(key))]));
}

function only<T>(record: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => keys.includes(key)));
}

/** As float32 numbers, so that programs of either precision see the same weights. */
function drawn(initial: InitialArray, rng: Rng): NdArray {
  const { shape } = initial;
  const size = sizeOf(shape);
  if ("fill" in initial) return { shape, data: new Float32Array(size).fill(initial.fill) };
  return { shape, data: Float32Array.from({ length: size }, () => initial.std * rng.normal()) };
}

function shapesOf(arrays: Readonly<Record<string, InitialArray>>): Model["parameters"] {
  return Object.fromEntries(Object.entries(arrays).map(([key, { shape }]) => [key, { shape }]));
}
