import { type DenoiserPrior, weightsFrom } from "@recon/core";
import { checkOptions, listOf, positive, real } from "@recon/core/options";
import { type DenoisingPlan, denoisingShapes, imageDenoiser } from "@recon/vision";

export interface PhotosPriorOptions {
  /** How the unknown relates to pixels on [0, 1], a channel: value = (pixel − mean) / std. CIFAR-10's usual numbers unless said, as `photographs()` has. */
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

export const plan: DenoisingPlan = {
  channels: 3,
  width: 48,
  deepWidth: 96,
  dataStd: 0.42,
  components: { mean: [0.819, 0.069, -0.007], std: [0.42, 0.032, 0.017] },
  skip: true,
};

/** σ of pixels on [0, 1]. */
export const sigmaRange: readonly [number, number] = [0.02, 0.5];

/** The mean colour of the training crops, an array beside the weights. */
export const meanName = "mean colour";

const sha256 = "39191bc2117df9c7643eda933219cf28e65ff6e8cc0401f28f7ec3779ae2a989";

/**
 * A denoiser of photographs [B, 3, H, W] of any size: E[x | x + σ n] for pixel noise of σ from .02 to .5.
 *
 * It has seen sepia and grey prints, whose channels are alike; of strong colours it knows nothing. Its blind guess is the mean colour of its training data. See the
 * model card for its data and what it reaches.
 *
 * @throws ReconError `bad-option`; `weights-…` where the file of weights is damaged.
 */
export function photosDenoiser(options: PhotosPriorOptions = {}): DenoiserPrior {
  checkOptions("photosDenoiser", options, { mean: listOf(real(0, 1)), std: listOf(positive()) });
  const { mean = [0.4915, 0.4823, 0.4468], std = [0.247, 0.2435, 0.2616] } = options;
  const file = new URL("../weights/denoiser.safetensors", import.meta.url);
  const shapes = { ...denoisingShapes(plan), [meanName]: [3] };
  const { [meanName]: typical, ...weights } = weightsFrom(file, { sha256, shapes });
  return imageDenoiser({
    name: "photos-denoiser",
    ...{ plan, weights, sigmaRange, normalisation: { mean, std } },
    mean: typical!.data,
    symmetric: true,
  });
}
