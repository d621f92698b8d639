import { type DenoiserPrior, ReconError } from "@recon/core";
import { type Arrays, add, constant, div, mul, type Shape, sizeOf, sub, type Tensor } from "@recon/engine";
import type { Normalisation } from "../domain.ts";
import { type DenoisingPlan, denoisingNetwork } from "./denoising-network.ts";

export interface ImageDenoiserOptions {
  readonly name: string;
  readonly plan: DenoisingPlan;
  readonly weights: Arrays;
  /** Least and greatest σ that it was trained for, of pixels on [0, 1]. */
  readonly sigmaRange: readonly [number, number];
  /** How the unknown's values relate to pixels. */
  readonly normalisation: Normalisation;
  /** The mean image of its training data, [C, H, W] of pixels on [0, 1], where all are of one size. */
  readonly mean?: ArrayLike<number>;
}

/**
 * A trained denoising network as a prior over normalised images [B, C, H, W].
 *
 * σ is in the units of the unknown; where the channels have different standard deviations, their mean turns it into pixels. The blind guess is the mean image of
 * the training data, or the mean of the normalisation.
 *
 * @throws ReconError `shape` from `denoise` for anything but images of the network's channels.
 */
export function imageDenoiser(options: ImageDenoiserOptions): DenoiserPrior {
  const { name, plan, sigmaRange, normalisation } = options;
  const { mean, std } = normalisation;
  const { channels } = plan;
  const unit = std.reduce((total, value) => total + value / std.length, 0);
  const perChannel = (values: readonly number[]): Tensor => constant(values, [channels, 1, 1]);
  const weights = Object.fromEntries(
    Object.entries(options.weights).map(([key, { shape, data }]) => [key, constant(data, shape)]),
  );
  return {
    kind: "denoiser",
    name,
    options: { mean, std },
    sigmaRange: [sigmaRange[0] / unit, sigmaRange[1] / unit],
    denoise: (y, sigma) => {
      if (y.shape.length !== 4 || y.shape[1] !== channels) {
        const wanted = `[B, ${channels}, H, W]`;
        throw new ReconError("shape", `The denoiser "${name}" takes images ${wanted}, not [${y.shape.join(", ")}].`);
      }
      const pixels = add(mul(y, perChannel(std)), perChannel(mean));
      const denoised = denoisingNetwork(pixels, mul(sigma, unit), weights, plan);
      return div(sub(denoised, perChannel(mean)), perChannel(std));
    },
    blind: (shape: Shape) => {
      const data = new Float32Array(sizeOf(shape));
      const item = sizeOf(shape.slice(1));
      const known = options.mean;
      if (known !== undefined && known.length === item) {
        const plane = item / channels;
        for (let i = 0; i < data.length; i++) {
          const c = Math.floor((i % item) / plane);
          data[i] = (known[i % item]! - mean[c]!) / std[c]!;
        }
      }
      return { shape, data };
    },
  };
}
