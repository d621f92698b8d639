import type { DataToFit, Model } from "@recon/core";
import { type Checks, oneOf } from "@recon/core/options";
import {
  add,
  layerNorm,
  linear,
  logSoftmax,
  mul,
  oneHot,
  slice,
  split,
  sum,
  type Tensor,
  type Tensors,
} from "@recon/engine";
import { type Affine, affine, attention } from "./attention.ts";
import { initialArrays } from "./initial-arrays.ts";
import { causalMask, embed, firstRows, lastToken, type Positions, positionsOf, reciprocalCounts } from "./positions.ts";
import { embeddingRows, type InitialArray, textModel } from "./text-model.ts";
import {
  type TransformerConfiguration,
  type TransformerKind,
  transformerConfiguration,
} from "./transformer-configuration.ts";
import { checkTransformerOptions, type TransformerOptions } from "./transformer-options.ts";

export interface GptOptions extends TransformerOptions {
  /** Classify the text by its last token, or predict every next token; `classes` unless said. */
  readonly task?: "classes" | "next-token";
}

const more: Checks<Omit<GptOptions, keyof TransformerOptions>> = { task: oneOf(["classes", "next-token"]) };

const kind: TransformerKind = { name: "gpt", type: "gpt2", activation: "gelu_new", epsilon: 1e-5 };

/**
 * A decoder: x = E[id] + P[t]; each layer x ← x + attention(LN x), x ← x + W₂ gelu(W₁ LN x); a token sees itself and those before it.
 *
 * Parameters carry the names of published weights, whose matrices are stored [in, out]; a classifier that those do not hold is drawn. With random weights all is
 * N(0, std²), biases 0. Predicting tokens, the output is the logits [B, T, V] = LN(x) Eᵀ and the loss the mean over the texts of a batch of the mean cross-entropy
 * of their next tokens; a text of one token has none and counts as 0.
 *
 * @throws ReconError `bad-option`; `shape` when texts are too long, or weights, configuration and tokenizer do not belong together; `not-fetched`; `model-folder`.
 * @see Radford et al., "Language models are unsupervised multitask learners", 2019.
 */
export function gpt(options: GptOptions, data: DataToFit): Model {
  checkTransformerOptions("gpt", options, more);
  const { task = "classes", embeddings = "frozen" } = options;
  const size = transformerConfiguration(kind, options);
  const { layers, width, hidden, positions, std } = size;
  const { matrix, turned, norm } = initialArrays(width, std);
  const tables = {
    "wte.weight": matrix(embeddingRows("gpt", data, size.words), width),
    "wpe.weight": matrix(positions, width),
  };
  const parameters: Record<string, InitialArray> = {};
  for (let i = 0; i < layers; i++) {
    Object.assign(parameters, norm(`h.${i}.ln_1`), turned(`h.${i}.attn.c_attn`, width, 3 * width));
    Object.assign(parameters, turned(`h.${i}.attn.c_proj`, width, width), norm(`h.${i}.ln_2`));
    Object.assign(parameters, turned(`h.${i}.mlp.c_fc`, width, hidden), turned(`h.${i}.mlp.c_proj`, hidden, width));
  }
  Object.assign(parameters, norm("ln_f"));
  if (task === "classes") parameters["score.weight"] = matrix(data.classes, width);
  const frozen = embeddings === "frozen";
  return textModel({
    name: "gpt",
    options: { ...options },
    data,
    length: positions,
    parameters: frozen ? parameters : { ...tables, ...parameters },
    ...(frozen && { buffers: tables }),
    ...(size.trained && { trained: size.trained, head: ["score.weight"] }),
    forward: (p, { input }) => {
      const ids = positionsOf(input!);
      const h = states(p, ids, size);
      return task === "classes" ? linear(lastToken(h, ids), p["score.weight"]!) : linear(h, p["wte.weight"]!);
    },
    ...(task === "next-token" && {
      lossKind: "next-token cross-entropy",
      loss: (logits: Tensor, { input }: Tensors) => nextTokenLoss(logits, positionsOf(input!)),
    }),
  });
}

/** The normalised state of every token, [B, T, H]. */
function states(p: Tensors, ids: Positions, { layers, heads, activation, epsilon }: TransformerConfiguration): Tensor {
  const length = ids.present.shape[1]!;
  const turned = (name: string): Affine => ({ weight: p[`${name}.weight`]!, bias: p[`${name}.bias`], turned: true });
  const norm = (x: Tensor, name: string): Tensor =>
    layerNorm(x, { weight: p[`${name}.weight`]!, bias: p[`${name}.bias`]!, epsilon });
  const mask = causalMask(length);
  let x = add(embed(p["wte.weight"]!, ids), firstRows(p["wpe.weight"]!, length));
  const width = x.shape[2]!;
  for (let i = 0; i < layers; i++) {
    const all = affine(norm(x, `h.${i}.ln_1`), turned(`h.${i}.attn.c_attn`));
    const [query, key, value] = split(all, [width, width, width], 2) as [Tensor, Tensor, Tensor];
    x = add(x, affine(attention(query, key, value, { heads, mask }), turned(`h.${i}.attn.c_proj`)));
    const inner = activation(affine(norm(x, `h.${i}.ln_2`), turned(`h.${i}.mlp.c_fc`)));
    x = add(x, affine(inner, turned(`h.${i}.mlp.c_proj`)));
  }
  return norm(x, "ln_f");
}

/** Mean over texts of the mean over all tokens but the first of −log p(token | those before it). */
function nextTokenLoss(logits: Tensor, { indices, present }: Positions): Tensor {
  const [batch, length, words] = logits.shape as [number, number, number];
  if (length === 1) return mul(sum(logits), 0);
  const before = logSoftmax(slice(logits, [0, 0, 0], [batch, length - 1, words]));
  const next = oneHot(slice(indices, [0, 1], [batch, length - 1]), words);
  const counted = slice(present, [0, 1], [batch, length - 1]);
  const perText = sum(mul(sum(mul(before, next), [2]), counted), [1]);
  return mul(sum(mul(perText, reciprocalCounts(counted))), -1 / batch);
}
