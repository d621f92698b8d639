import { type DenoiserPrior, weightsFrom } from "@recon/core";
import { checkOptions, listOf, positive, real } from "@recon/core/options";
import { type DenoisingPlan, denoisingShapes, imageDenoiser } from "@recon/vision";

export interface DigitsPriorOptions {
  /** How the unknown relates to pixels on [0, 1]: value = (pixel − mean) / std. MNIST's usual .1307 and .3081 unless said. */
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

export const plan: DenoisingPlan = { channels: 1, width: 32, deepWidth: 64, dataStd: 0.31 };

/** σ of pixels on [0, 1]. */
export const sigmaRange: readonly [number, number] = [0.02, 1.5];

/** The mean of the training digits, an array beside the weights. */
export const meanName = "mean digit";

const sha256 = "8d8277afb83372e9b9bd788913447f657c66a9807004243c9a76c722d63297f4";

/**
 * A denoiser of handwritten digits [B, 1, H, W], 28 × 28 as trained: E[x | x + σ n] for pixel noise of σ from .02 to 1.5.
 *
 * Its blind guess is the mean digit. See the model card for its data and what it reaches.
 *
 * @throws ReconError `bad-option`; `weights-…` where the file of weights is damaged.
 */
export function digitsDenoiser(options: DigitsPriorOptions = {}): DenoiserPrior {
  checkOptions("digitsDenoiser", options, { mean: listOf(real(0, 1)), std: listOf(positive()) });
  const { mean = [0.1307], std = [0.3081] } = options;
  const file = new URL("../weights/denoiser.safetensors", import.meta.url);
  const { [meanName]: typical, ...weights } = weightsFrom(file, {
    sha256,
    shapes: { ...denoisingShapes(plan), [meanName]: [1, 28, 28] },
  });
  return imageDenoiser({
    name: "digits-denoiser",
    ...{ plan, weights, sigmaRange, normalisation: { mean, std } },
    mean: typical!.data,
  });
}
