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
  /** Weights of a trained model by name; what is missing is drawn. */
  readonly trained?: () => Arrays;
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
  const { name, options, data, length, parameters, buffers = {}, trained, forward, lossKind = "cross-entropy" } = of;
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
    init: (rng) => initialArrays(name, { ...parameters, ...buffers }, trained?.() ?? {}, rng),
    forward,
    loss: of.loss ?? ((output: Tensor, { target }: Tensors) => crossEntropy(output, target!)),
  };
}

/** The domain of a model's data. @throws ReconError `shape` when it is not text. */
export function textDomainOf(name: string, domain: Domain): TextDomain {
  if (isTextDomain(domain)) return domain;
  throw new ReconError(
    "shape",
    `${name} takes texts, and the data is of the domain ${domain.name}. Choose data of text.`,
  );
}

function initialArrays(
  name: string,
  arrays: Readonly<Record<string, InitialArray>>,
  trained: Arrays,
  rng: Rng,
): Arrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([key, initial]) => {
      const found = trained[key];
      if (found === undefined) return [key, drawn(initial, rng.split(key))];
      if (found.shape.join() !== initial.shape.join()) {
        throw new ReconError(
          "shape",
          `${name}: the weights hold "${key}" as [${found.shape.join(", ")}], and the model takes [${initial.shape.join(", ")}]. Check that the weights, their configuration and the tokenizer belong together.`,
        );
      }
      return [key, found];
    }),
  );
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
