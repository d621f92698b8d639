import type { Model } from "@recon/core";
import { type Checks, checkOptions, flag, integer, oneOf, real } from "@recon/core/options";
import { add, convolution, linear, mul, relu, reshape, slice, type Tensor, type Tensors } from "@recon/engine";
import { channelsFirst } from "./channels-first.ts";
import { convolutionArrays } from "./convolution-arrays.ts";
import { dropoutMasks } from "./dropout-masks.ts";
import { type ForecastShape, forecastExtents, forecaster, linearArrays, usualShape } from "./forecaster.ts";
import { weightNormed } from "./weight-normed.ts";

export interface TcnOptions {
  /** Channels of every convolution, 64 unless said. */
  readonly hidden?: number;
  /** Residual blocks L; unless said the fewest whose last output sees all T steps, 1 + 2 (kernel − 1) (2ᴸ − 1) ≥ T. */
  readonly layers?: number;
  /** Steps that a kernel reaches over, 6 unless said. */
  readonly kernel?: number;
  /** Probability with which an activation is left out while the client trains, drawn for every observation; 0 unless said. */
  readonly dropout?: number;
  /** Whether the convolutions are stored as direction and length (`weightNormed`); false unless said. */
  readonly weight_norm?: boolean;
  /** Initial weights: `usual`, U(±1/√fan-in), unless said; `small`, N(0, .01²), as the authors of the net. Biases are U(±1/√fan-in) either way. */
  readonly start?: "usual" | "small";
}

const checks: Checks<TcnOptions> = {
  hidden: integer(1, 65_536),
  layers: integer(1, 24),
  kernel: integer(2, 1024),
  dropout: real(0, 0.99),
  weight_norm: flag(),
  start: oneOf(["usual", "small"]),
};

/**
 * Temporal convolutional forecaster: residual blocks of two causal convolutions each, with dilation 2ⁱ in block i, and a linear layer on the last step.
 *
 *     h ← relu(relu(C₂ relu(C₁ h)) + S h)      ŷ = W h_T + b
 *
 * S is a convolution with kernel 1 in the first block, which has other channels before than after, and the identity in the rest. 179 296 parameters for 96 steps of
 * one column, 96 ahead, 4 blocks and 64 channels.
 *
 * @throws ReconError `bad-option`; `shape` where the data is not of series.
 * @see S. Bai, J. Z. Kolter, V. Koltun, "An Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence Modeling", 2018.
 */
export function tcn(options: TcnOptions = {}, data: ForecastShape = usualShape): Model {
  checkOptions("tcn", options, checks);
  const [steps, columns, ahead] = forecastExtents("tcn", data);
  const { hidden = 64, kernel = 6, dropout = 0, weight_norm: normed = false, start = "usual" } = options;
  const { layers = blocksOver(steps, kernel) } = options;
  const std = start === "small" ? 0.01 : undefined;
  const blocks = Array.from({ length: layers }, (_, place) => blockAt(place, place === 0 ? columns : hidden, hidden));
  const arrays = blocks.map(({ convolutions: [first, second], skip, into }) => ({
    ...convolutionArrays(first, into, hidden, kernel, std),
    ...convolutionArrays(second, hidden, hidden, kernel, std),
    ...(skip !== undefined && convolutionArrays(skip, into, hidden, 1, std)),
  }));
  const head = linearArrays("head", hidden, ahead);
  const masks = blocks.flatMap(({ convolutions }) => convolutions);
  const model = forecaster({
    name: "tcn",
    options: { hidden, layers, kernel, dropout, weight_norm: normed, start },
    data,
    parameters: {
      ...Object.assign({}, ...arrays),
      ...head,
      ...(std !== undefined && { "head.weight": { shape: [ahead, hidden], std } }),
    },
    ...(dropout > 0 && { nuisances: dropoutMasks(masks, [hidden, steps], dropout) }),
    forward: (p, nets, mode) => {
      const kept = (x: Tensor, of: string): Tensor => {
        const mask = mode === "train" ? nets[`dropout of ${of}`] : undefined;
        return mask === undefined ? x : mul(x, mask);
      };
      const out = blocks.reduce((h, { dilation, convolutions, skip }) => {
        const inner = convolutions.reduce((x, name) => kept(relu(causal(x, p, name, dilation)), name), h);
        return relu(add(inner, skip === undefined ? h : convolution(h, p[`${skip}.weight`]!, p[`${skip}.bias`])));
      }, channelsFirst(nets.input!));
      const last = slice(out, [0, 0, steps - 1], [out.shape[0]!, hidden, 1]);
      return linear(reshape(last, [out.shape[0]!, hidden]), p["head.weight"]!, p["head.bias"]);
    },
  });
  return normed
    ? weightNormed(
        model,
        masks.map((name) => `${name}.weight`),
      )
    : model;
}

interface Block {
  readonly into: number;
  readonly dilation: number;
  readonly convolutions: readonly [string, string];
  readonly skip?: string;
}

function blockAt(place: number, into: number, hidden: number): Block {
  const name = `blocks.${place}`;
  return {
    into,
    dilation: 2 ** place,
    convolutions: [`${name}.conv1`, `${name}.conv2`],
    ...(into !== hidden && { skip: `${name}.skip` }),
  };
}

/** z_t = b + Σ_k W_k x_{t − (K−1−k) d}: zeros stand before the first step, so that no output sees a later one. */
function causal(x: Tensor, state: Tensors, name: string, dilation: number): Tensor {
  const weight = state[`${name}.weight`]!;
  const before = (weight.shape[2]! - 1) * dilation;
  return convolution(x, weight, state[`${name}.bias`], { dilations: dilation, pads: [before, 0] });
}

/** The fewest blocks behind which the last step depends on all. */
function blocksOver(steps: number, kernel: number): number {
  return Math.max(1, Math.ceil(Math.log2(1 + (steps - 1) / (2 * (kernel - 1)))));
}
