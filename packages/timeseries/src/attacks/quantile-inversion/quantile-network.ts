import type { Rng } from "@recon/core";
import {
  type Arrays,
  add,
  constant,
  layerNorm,
  linear,
  maximum,
  mean,
  mul,
  type NdArray,
  relu,
  reshape,
  sub,
  type Tensor,
  type Tensors,
} from "@recon/engine";

/** The probabilities whose quantiles are predicted: two pairs of bounds, and the median. */
export const levels = [0.1, 0.3, 0.5, 0.7, 0.9] as const;

/** Extents of a network from a sketch [S] to quantiles [levels, D]. */
export interface QuantileNetwork {
  readonly sketch: number;
  /** Widths of the residual blocks. */
  readonly widths: readonly number[];
  readonly outputs: number;
}

/** Initial weights, U(±1/√fan-in), with every quantile at the middle of the range. */
export function quantileWeights({ sketch, widths, outputs }: QuantileNetwork, rng: Rng): Arrays {
  const arrays: Record<string, NdArray> = {};
  const layer = (name: string, into: number, out: number, bias: number): void => {
    const random = rng.split(name);
    const bound = 1 / Math.sqrt(into);
    arrays[`${name}.weight`] = {
      shape: [out, into],
      data: Float32Array.from({ length: out * into }, () => bound * (2 * random.uniform() - 1)),
    };
    arrays[`${name}.bias`] = { shape: [out], data: new Float32Array(out).fill(bias) };
  };
  let into = sketch;
  widths.forEach((width, i) => {
    layer(`block ${i} first`, into, width, 0);
    layer(`block ${i} second`, width, width, 0);
    layer(`block ${i} skip`, into, width, 0);
    into = width;
  });
  layer("head", into, levels.length * outputs, 0.5);
  return arrays;
}

/** Quantiles [N, levels, D] of sketches [N, S]: residual blocks of two linear layers, normalised, with a linear skip. */
export function quantilesOf(weights: Tensors, sketches: Tensor, { widths, outputs }: QuantileNetwork): Tensor {
  const apply = (name: string, x: Tensor): Tensor => linear(x, weights[`${name}.weight`]!, weights[`${name}.bias`]);
  const last = widths.reduce((x, _, i) => {
    const inner = relu(layerNorm(apply(`block ${i} first`, x)));
    return relu(add(layerNorm(apply(`block ${i} second`, inner)), apply(`block ${i} skip`, x)));
  }, sketches);
  return reshape(apply("head", last), [sketches.shape[0]!, levels.length, outputs]);
}

/** Mean of max(p e, (p − 1) e) over levels p, with e = y − q: least where q are the quantiles of y. @param curves y [N, B, D], which share the quantiles of their batch. */
export function pinballLoss(quantiles: Tensor, curves: Tensor): Tensor {
  const [examples, batch, outputs] = curves.shape as [number, number, number];
  const error = sub(
    reshape(curves, [examples, batch, 1, outputs]),
    reshape(quantiles, [examples, 1, levels.length, outputs]),
  );
  const above = constant(Float64Array.from(levels), [levels.length, 1]);
  return mean(maximum(mul(error, above), mul(error, sub(above, 1))));
}
