import { type DenoiserPrior, ReconError } from "@recon/core";
import {
  type Arrays,
  add,
  broadcastTo,
  constant,
  div,
  mul,
  reshape,
  type Shape,
  sizeOf,
  sub,
  type Tensor,
} from "@recon/engine";
import type { Normalisation } from "../domain.ts";
import { type DenoisingPlan, denoisingNetwork } from "./denoising-network.ts";
import { overSymmetries } from "./over-symmetries.ts";

export interface ImageDenoiserOptions {
  readonly name: string;
  readonly plan: DenoisingPlan;
  readonly weights: Arrays;
  /** Least and greatest σ that it was trained for, of pixels on [0, 1]. */
  readonly sigmaRange: readonly [number, number];
  /** How the unknown's values relate to pixels. */
  readonly normalisation: Normalisation;
  /** What it guesses blindly, pixels on [0, 1]: the mean image of its training data [C, H, W], whose own mean stands in at other sizes, or one value a channel. */
  readonly mean: ArrayLike<number>;
  /** Whether it is the mean over the symmetries of the square, at eight times the cost; for images that look alike when they are turned or mirrored. No unless said. */
  readonly symmetric?: boolean;
}

/**
 * A trained denoising network as a prior over normalised images [B, C, H, W].
 *
 * σ is in the units of the unknown; where a network's channels have different standard deviations, their mean turns it into pixels. The blind guess is the mean of the
 * training data.
 *
 * A network of one channel treats the channels of coloured images each by itself, at its own σ.
 *
 * @throws ReconError `shape` for a normalisation of other channels than the network's, and from `denoise` for other images.
 */
export function imageDenoiser(options: ImageDenoiserOptions): DenoiserPrior {
  const { name, plan, sigmaRange, normalisation, symmetric = false } = options;
  const { mean, std } = normalisation;
  const channels = mean.length;
  if (std.length !== channels || (plan.channels !== 1 && plan.channels !== channels)) {
    const given = `${channels} means and ${std.length} standard deviations`;
    throw new ReconError("shape", `The denoiser "${name}" is one of ${plan.channels} channels; it was given ${given}.`);
  }
  const unit = std.reduce((total, value) => total + value / channels, 0);
  const perChannel = (values: readonly number[]): Tensor => constant(values, [channels, 1, 1]);
  const weights = Object.fromEntries(
    Object.entries(options.weights).map(([key, { shape, data }]) => [key, constant(data, shape)]),
  );
  const apart = plan.channels === 1 && channels > 1;
  const alone = (images: Tensor, level: Tensor): Tensor => denoisingNetwork(images, level, weights, plan);
  const network = symmetric ? overSymmetries(alone) : alone;
  return {
    kind: "denoiser",
    name,
    options: { mean, std },
    sigmaRange: [sigmaRange[0] / unit, sigmaRange[1] / unit],
    denoise: (y, sigma) => {
      const [batch = 0, found, ...sides] = y.shape;
      if (y.shape.length !== 4 || found !== channels || batch === 0) {
        const wanted = `[B, ${channels}, H, W] with B > 0`;
        throw new ReconError("shape", `The denoiser "${name}" takes images ${wanted}, not [${y.shape.join(", ")}].`);
      }
      const pixels = add(mul(y, perChannel(std)), perChannel(mean));
      const denoised = apart
        ? reshape(network(reshape(pixels, [batch * channels, 1, ...sides]), levels(sigma, batch, std)), y.shape)
        : network(pixels, mul(sigma, unit));
      return div(sub(denoised, perChannel(mean)), perChannel(std));
    },
    blind: (shape: Shape) => {
      const [item, plane] = [sizeOf(shape.slice(1)), sizeOf(shape.slice(2))];
      const known = options.mean;
      const fits = known.length === item;
      // A mean image of another size still says how bright such images are.
      const grey = Array.from(known).reduce((total, value) => total + value / known.length, 0);
      const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
        const c = Math.floor((i % item) / plane);
        const guess = fits ? known[i % item]! : known.length === channels ? known[c]! : grey;
        return (guess - mean[c]!) / std[c]!;
      });
      return { shape, data };
    },
  };
}

/** σ in pixels of every channel of every image, [B · C]. */
function levels(sigma: Tensor, batch: number, std: readonly number[]): Tensor {
  const each = sigma.shape.length === 0 ? sigma : reshape(sigma, [batch, 1]);
  return reshape(broadcastTo(mul(each, constant(std, [1, std.length])), [batch, std.length]), [batch * std.length]);
}
