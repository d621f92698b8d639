import { type Domain, type Metric, ReconError } from "@recon/core";
import { badOption, checkOptions, integer, listOf, positive, real } from "@recon/core/options";
import { type NdArray, type Shape, sizeOf } from "@recon/engine";
import { psnr } from "./metrics/psnr.ts";
import { ssim } from "./metrics/ssim.ts";
import { renderItem } from "./render/render-item.ts";

export interface ImageDomainOptions {
  /** 3 for colour, 1 for grey. 3 unless said. */
  readonly channels?: number;
  readonly height?: number;
  readonly width?: number;
  /** Mean of every channel on [0, 1], or of every place in every channel. CIFAR-10's for three channels, MNIST's for one, .5 otherwise. */
  readonly mean?: readonly number[];
  /** Standard deviation of every channel on [0, 1]; likewise. */
  readonly std?: readonly number[];
}

/** How a domain's values relate to what is seen: value = (pixel − mean) / std, pixel on [0, 1]. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Images as a `Domain`, with the way between pixels and normalised values. */
export interface ImageDomain extends Domain {
  /** [C, H, W]. */
  readonly shape: Shape;
  readonly normalisation: Normalisation;
  /** (pixel − mean) / std as float32, from pixels on [0, 1] in the order [C, H, W]. */
  normalise(pixels: ArrayLike<number>): NdArray;
  /** value · std + mean: pixels on [0, 1] where the value is in the box. @throws ReconError `shape` when there are too many or too few. */
  pixels(values: NdArray): Float64Array;
}

/** The usual constants of training code: CIFAR-10 for colour, MNIST for grey. */
function usualNormalisation(channels: number): Normalisation {
  if (channels === 3) return { mean: [0.4915, 0.4823, 0.4468], std: [0.247, 0.2435, 0.2616] };
  if (channels === 1) return { mean: [0.1307], std: [0.3081] };
  return { mean: new Array<number>(channels).fill(0.5), std: new Array<number>(channels).fill(0.25) };
}

/**
 * Images [C, H, W] in normalised units: x = (pixel − mean) / std with pixels on [0, 1].
 *
 * The box is [−mean/std, (1 − mean)/std] a channel. The blind guess is the mean image, x = 0. Metrics: PSNR and SSIM on [0, 1] images.
 *
 * @throws ReconError `bad-option`.
 */
export function imageDomain(options: ImageDomainOptions = {}): ImageDomain {
  checkOptions("imageDomain", options, {
    channels: integer(1, 64),
    height: integer(1, 4096),
    width: integer(1, 4096),
    mean: listOf(real(0, 1)),
    std: listOf(positive()),
  });
  const { channels = 3, height = 32, width = 32 } = options;
  const usual = usualNormalisation(channels);
  const { mean = usual.mean, std = usual.std } = options;
  const shape = [channels, height, width];
  const plane = height * width;
  for (const [name, list] of Object.entries({ mean, std })) {
    if (list.length === channels || (name === "mean" && list.length === channels * plane)) continue;
    throw badOption("imageDomain", name, list, `a list of ${channels}, one a channel`);
  }
  const everywhere = mean.length !== channels;
  const meanAt = (i: number): number => mean[everywhere ? i : Math.floor(i / plane)]!;
  const bound = (pixel: number): NdArray => ({
    shape: everywhere ? shape : [channels, 1, 1],
    data: Float64Array.from(mean, (m, c) => (pixel - m) / std[everywhere ? Math.floor(c / plane) : c]!),
  });
  const checked = (data: ArrayLike<number>): ArrayLike<number> => {
    if (data.length !== channels * plane) {
      throw new ReconError(
        "shape",
        `An image of this domain has ${channels}×${height}×${width} = ${channels * plane} values, not ${data.length}.`,
      );
    }
    return data;
  };
  const normalise = (pixels: ArrayLike<number>): NdArray => ({
    shape,
    data: Float32Array.from(checked(pixels), (pixel, i) => {
      const c = Math.floor(i / plane);
      return (pixel - meanAt(i)) / std[c]!;
    }),
  });
  const pixels = (values: NdArray): Float64Array =>
    Float64Array.from(checked(values.data), (value, i) => {
      const c = Math.floor(i / plane);
      return value * std[c]! + meanAt(i);
    });
  const metric = (
    name: string,
    unit: string,
    perfect: number,
    score: (estimate: Float64Array, truth: Float64Array) => number,
  ): Metric => ({
    name,
    unit,
    better: "higher",
    perfect,
    invariances: [],
    score: (estimate, truth) => score(pixels(estimate), pixels(truth)),
  });
  return {
    name: "image",
    options: { channels, height, width, mean, std },
    shape,
    normalisation: { mean, std },
    lower: bound(0),
    upper: bound(1),
    metrics: [metric("psnr_db", "dB", 320, psnr), metric("ssim", "", 1, (a, b) => ssim(a, b, shape))],
    resemblance: {
      name: "ssim (7 x 7)",
      score: (a, b) => ssim(pixels(a), pixels(b), shape, "uniform"),
      similar: 0.4,
      nearVerbatim: 0.9,
      verbatim: 0.99,
    },
    normalise,
    pixels,
    blind: (guessed) => ({ shape: guessed, data: new Float32Array(sizeOf(guessed)) }),
    render: (item) => renderItem(item, { shape, pixels }),
  };
}
