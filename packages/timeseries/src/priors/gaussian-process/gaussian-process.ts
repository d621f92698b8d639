import type { EnergyPrior, Matrix, Rng } from "@recon/core";
import { type Check, checkOptions, oneOf } from "@recon/core/options";
import { mul, type NdArray, type Shape, square, sum, type Tensor } from "@recon/engine";
import { autocovariance } from "./autocovariance.ts";
import { type Covariance, type CovarianceOptions, covarianceChecks, covarianceOf } from "./covariance-options.ts";
import { innovationProcess } from "./innovation-process.ts";
import { innovations } from "./innovations.ts";
import { type PublicSeries, publicFits } from "./public-fits.ts";

export interface GaussianProcessOptions extends CovarianceOptions {
  /** μ: one number, or one a column; .5 unless said. */
  readonly mean?: number | readonly number[];
  /** A public series whose fitted numbers stand for those that are not said: the one most like the series in question. */
  readonly fitted_to?: PublicSeries;
}

/** A Gaussian process as a prior of series of any length, which can be drawn from. */
export interface GaussianProcess extends EnergyPrior {
  readonly options: Covariance & { readonly mean: number | readonly number[] };
  jointEnergy(x: Tensor, target: Tensor): Tensor;
  sample(shape: Shape, rng: Rng): NdArray;
  blind(shape: Shape, rng: Rng): NdArray;
}

export const meanCheck: Check<number | readonly number[]> = {
  allowed: "a number, or a list of numbers, one a column",
  is: (value): value is number | readonly number[] =>
    Number.isFinite(value) || (Array.isArray(value) && value.length > 0 && value.every(Number.isFinite)),
};

/**
 * Series with a mean, a level, a cycle, a smooth part and noise, all normal and independent of each other:
 *
 *     R(x) = Σ over (b, f) of ½ (x_bf − μ_f)ᵀ K⁻¹ (x_bf − μ_f),   K_{tu} = k(|t − u|)      x [B, T, F]
 *
 * with the covariance k of `CovarianceOptions`. In nats, up to a constant. Columns are independent of each other and share k. It is stationary, so the same prior serves
 * any length T: the observed steps alone, or inputs and targets in one piece. `fitGaussianProcess` finds its numbers for a kind of series, and `fitted_to` names some that
 * come along. Its blind guess is the mean.
 *
 * @throws ReconError `bad-option`; `shape` from its functions where x is not [B, T, F] or has other columns than there are means.
 * @see C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", 2006, 2.2 and 4.2.
 */
export function gaussianProcess(options: GaussianProcessOptions = {}): GaussianProcess {
  checkOptions("gaussianProcess", options, {
    ...covarianceChecks,
    mean: meanCheck,
    fitted_to: oneOf(Object.keys(publicFits) as PublicSeries[]),
  });
  const { fitted_to: series, ...said } = options;
  const { mean = 0.5, ...numbers } = series === undefined ? said : { ...publicFits[series], ...said };
  const covariance = covarianceOf("gaussianProcess", numbers);
  return {
    kind: "energy",
    name: "gaussian-process",
    options: { mean, ...covariance },
    ...innovationProcess({
      name: "gaussian-process",
      mean,
      covariance,
      energy: (z) => mul(sum(square(z)), 0.5),
      draw: (rng) => rng.normal(),
    }),
  };
}

/** L [T, T] with Lᵀ L = K⁻¹ for series of so many steps: L (x − μ) is standard normal, and ½ ‖L (x − μ)‖² the energy of one column. */
export function priorRows(prior: GaussianProcess, length: number): Matrix {
  return innovations(autocovariance(prior.options, length)).rows;
}
