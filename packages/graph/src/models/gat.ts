import type { DataToFit, Model } from "@recon/core";
import { badOption, checkOptions, integer } from "@recon/core/options";
import {
  add,
  div,
  exp,
  leakyRelu,
  linear,
  matmul,
  max,
  mul,
  reshape,
  stopGradient,
  sub,
  sum,
  type Tensor,
  transpose,
} from "@recon/engine";
import { filledModelOptions, type GraphModelOptions, graphModel, graphModelChecks } from "./graph-model.ts";
import { selfLoops } from "./graph-tensors.ts";

export interface GatOptions extends GraphModelOptions {
  /** Parts of an embedding that attend by themselves, 4 unless said; `hidden` must be a multiple of it. */
  readonly heads?: number;
}

/**
 * Graph attention network: with z = h Wᵀ, every head on its own part of z, and the scores eᵢⱼ = leakyReLU(t · zᵢ + s · zⱼ) of slope 0.2,
 *
 *     h ← s( Σⱼ αᵢⱼ zⱼ ),   αᵢⱼ = (A + I)ᵢⱼ exp eᵢⱼ / Σₖ (A + I)ᵢₖ exp eᵢₖ
 *
 * Heads are concatenated in every layer; no biases before the readout. The attention vectors s and t start with variance 1 over the width of a head.
 *
 * @throws ReconError `bad-option`; `shape` where the data is not of graphs.
 * @see P. Veličković et al., "Graph attention networks", ICLR 2018, eq. 3–5.
 */
export function gat(options: GatOptions, data: DataToFit): Model {
  checkOptions("gat", options, { ...graphModelChecks, heads: integer(1, 1024) });
  const filled = filledModelOptions(options, data);
  const { heads = 4 } = options;
  if (filled.hidden % heads !== 0) throw badOption("gat", "heads", heads, `a divisor of "hidden", ${filled.hidden}`);
  return graphModel("gat", { ...filled, heads }, data, {
    parameters: (into, out) => ({
      weight: { shape: [out, into], variance: 2 / (into + out) },
      source: { shape: [heads, out / heads], variance: heads / out },
      target: { shape: [heads, out / heads], variance: heads / out },
    }),
    forward: (p, h, { adjacency }) => {
      const z = linear(h, p.weight!);
      const [batch, nodes, out] = z.shape as [number, number, number];
      const parts = reshape(z, [batch, nodes, heads, out / heads]);
      const scores = leakyRelu(
        add(scoreOf(parts, p.target!, [batch, heads, nodes, 1]), scoreOf(parts, p.source!, [batch, heads, 1, nodes])),
        0.2,
      );
      const looped = reshape(add(adjacency, selfLoops(nodes)), [batch, 1, nodes, nodes]);
      // The largest score cancels from the quotient; without it exp could overflow.
      const weights = mul(exp(sub(scores, stopGradient(max(scores, [3], true)))), looped);
      const attention = div(weights, sum(weights, [3], true));
      const mixed = matmul(attention, transpose(parts, [0, 2, 1, 3]));
      return reshape(transpose(mixed, [0, 2, 1, 3]), [batch, nodes, out]);
    },
  });
}

/** The product of every head's part of every node [B, n, heads, w] with the head's vector [heads, w]. */
function scoreOf(parts: Tensor, vectors: Tensor, shape: readonly number[]): Tensor {
  return reshape(transpose(sum(mul(parts, vectors), [3]), [0, 2, 1]), shape);
}
