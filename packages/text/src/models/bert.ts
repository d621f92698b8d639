import type { DataToFit, Model } from "@recon/core";
import { type Checks, oneOf } from "@recon/core/options";
import { add, layerNorm, reshape, slice, type Tensor, type Tensors, tanh } from "@recon/engine";
import { type Affine, affine, attention } from "./attention.ts";
import { initialArrays } from "./initial-arrays.ts";
import { embed, firstRows, meanOverTokens, type Positions, positionsOf, presenceMask } from "./positions.ts";
import { embeddingRows, type InitialArray, textModel } from "./text-model.ts";
import {
  type TransformerConfiguration,
  type TransformerKind,
  transformerConfiguration,
} from "./transformer-configuration.ts";
import { checkTransformerOptions, type TransformerOptions } from "./transformer-options.ts";

export interface BertOptions extends TransformerOptions {
  /** What stands for the sentence: the state of its first token, or the mean over all; `cls` unless said. */
  readonly pooling?: "cls" | "mean";
}

const more: Checks<Omit<BertOptions, keyof TransformerOptions>> = { pooling: oneOf(["cls", "mean"]) };

const kind: TransformerKind = { name: "bert", type: "bert", activation: "gelu", epsilon: 1e-12 };

/** What published weights may lack: they are often those of the encoder alone. */
const head = ["pooler.dense.weight", "pooler.dense.bias", "classifier.weight", "classifier.bias"];

/**
 * An encoder with a pooler and a classifier: x = LN(E[id] + P[t] + S[0]); each layer x ← LN(x + attention), x ← LN(x + W₂ gelu(W₁ x)); z = C tanh(W h + b) with h the state of
 * the first token.
 *
 * Parameters carry the names of published weights; a pooler or a classifier that those do not hold is drawn. With random weights all is N(0, std²), biases 0.
 * `pooling: "mean"` puts the mean over all tokens in the place of h.
 *
 * @throws ReconError `bad-option`; `shape` when texts are too long, or weights, configuration and tokenizer do not belong together; `not-fetched`; `model-folder`.
 * @see Devlin et al., "BERT: pre-training of deep bidirectional transformers for language understanding", NAACL 2019.
 */
export function bert(options: BertOptions, data: DataToFit): Model {
  checkTransformerOptions("bert", options, more);
  const { pooling = "cls", embeddings = "frozen" } = options;
  const size = transformerConfiguration(kind, options);
  const { layers, width, hidden, positions, std } = size;
  const { matrix, dense, norm } = initialArrays(width, std);
  const tables = {
    "embeddings.word_embeddings.weight": matrix(embeddingRows("bert", data, size.words), width),
    "embeddings.position_embeddings.weight": matrix(positions, width),
    "embeddings.token_type_embeddings.weight": matrix(2, width),
  };
  const parameters: Record<string, InitialArray> = { ...norm("embeddings.LayerNorm") };
  for (let i = 0; i < layers; i++) {
    const layer = `encoder.layer.${i}`;
    for (const part of ["query", "key", "value"])
      Object.assign(parameters, dense(`${layer}.attention.self.${part}`, width, width));
    Object.assign(parameters, dense(`${layer}.attention.output.dense`, width, width));
    Object.assign(parameters, norm(`${layer}.attention.output.LayerNorm`));
    Object.assign(parameters, dense(`${layer}.intermediate.dense`, hidden, width));
    Object.assign(parameters, dense(`${layer}.output.dense`, width, hidden));
    Object.assign(parameters, norm(`${layer}.output.LayerNorm`));
  }
  Object.assign(parameters, dense("pooler.dense", width, width), dense("classifier", data.classes, width));
  const frozen = embeddings === "frozen";
  return textModel({
    name: "bert",
    options: { ...options },
    data,
    length: positions,
    parameters: frozen ? parameters : { ...tables, ...parameters },
    ...(frozen && { buffers: tables }),
    ...(size.trained && { trained: size.trained, head }),
    forward: (p, { input }) => forward(p, positionsOf(input!), size, pooling),
  });
}

function forward(
  p: Tensors,
  ids: Positions,
  { layers, heads, activation, epsilon }: TransformerConfiguration,
  pooling: "cls" | "mean",
): Tensor {
  const [batch, length] = ids.present.shape as [number, number];
  const dense = (name: string): Affine => ({ weight: p[`${name}.weight`]!, bias: p[`${name}.bias`] });
  const norm = (x: Tensor, name: string): Tensor =>
    layerNorm(x, { weight: p[`${name}.weight`]!, bias: p[`${name}.bias`]!, epsilon });
  const mask = presenceMask(ids);
  const places = add(
    firstRows(p["embeddings.position_embeddings.weight"]!, length),
    firstRows(p["embeddings.token_type_embeddings.weight"]!, 1),
  );
  let h = norm(add(embed(p["embeddings.word_embeddings.weight"]!, ids), places), "embeddings.LayerNorm");
  for (let i = 0; i < layers; i++) {
    const layer = `encoder.layer.${i}`;
    const [query, key, value] = ["query", "key", "value"].map((part) =>
      affine(h, dense(`${layer}.attention.self.${part}`)),
    ) as [Tensor, Tensor, Tensor];
    const seen = affine(attention(query, key, value, { heads, mask }), dense(`${layer}.attention.output.dense`));
    h = norm(add(h, seen), `${layer}.attention.output.LayerNorm`);
    const inner = activation(affine(h, dense(`${layer}.intermediate.dense`)));
    h = norm(add(h, affine(inner, dense(`${layer}.output.dense`))), `${layer}.output.LayerNorm`);
  }
  const width = h.shape[2]!;
  const sentence =
    pooling === "mean" ? meanOverTokens(h, ids) : reshape(slice(h, [0, 0, 0], [batch, 1, width]), [batch, width]);
  return affine(tanh(affine(sentence, dense("pooler.dense"))), dense("classifier"));
}
