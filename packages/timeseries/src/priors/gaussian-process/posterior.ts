import { cholesky, choleskySolve, matrix, plainProduct } from "@recon/core";
import { badOption } from "@recon/core/options";
import { autocovariance } from "./autocovariance.ts";
import type { GaussianProcess } from "./gaussian-process.ts";

/** What a Gaussian process says of every step: mean and standard deviation. */
export interface SeriesBands {
  readonly mean: Float64Array;
  readonly std: Float64Array;
}

export interface PosteriorOptions {
  /** Steps that are known, with their values. */
  readonly known: ReadonlyMap<number, number>;
  /** Steps of the whole curve, T. */
  readonly length: number;
  /** Which column of the series it is, for its mean; 0 unless said. */
  readonly column?: number;
}

/**
 * What is known of all steps of a curve once some are, exactly: with o for the known steps and j for another,
 *
 *     E x_j = μ + k_joᵀ K_oo⁻¹ (x_o − μ)      Var x_j = k(0) − k_joᵀ K_oo⁻¹ k_oj
 *
 * Bands of unknown steps hold the noise of the step itself; known steps have a standard deviation of 0.
 *
 * @throws ReconError `bad-option` for a step outside the curve or a value that is not finite.
 * @see C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", 2006, eq. 2.19.
 */
export async function posterior(prior: GaussianProcess, options: PosteriorOptions): Promise<SeriesBands> {
  const { known, length, column = 0 } = options;
  const { mean: means } = prior.options;
  const mu = typeof means === "number" ? means : means[column];
  if (mu === undefined) throw badOption("posterior", "column", column, "a column that the prior has a mean of");
  const steps = [...known.keys()].sort((a, b) => a - b);
  for (const step of steps) {
    if (!(Number.isInteger(step) && step >= 0 && step < length && Number.isFinite(known.get(step)))) {
      throw badOption(
        "posterior",
        "known",
        [step, known.get(step) ?? null],
        `steps from 0 to ${length - 1} with finite values`,
      );
    }
  }
  const k = autocovariance(prior.options, length);
  const between = steps.flatMap((t) => steps.map((u) => k[Math.abs(t - u)]!));
  const factor = await cholesky(matrix(steps.length, steps.length, between), { product: plainProduct });
  const weights = choleskySolve(
    factor,
    steps.map((step) => known.get(step)! - mu),
  );
  const mean = new Float64Array(length).fill(mu);
  const std = new Float64Array(length);
  for (let j = 0; j < length; j++) {
    const value = known.get(j);
    if (value !== undefined) {
      mean[j] = value;
      continue;
    }
    const to = steps.map((step) => k[Math.abs(step - j)]!);
    const explained = choleskySolve(factor, to).reduce((total, weight, i) => total + weight * to[i]!, 0);
    mean[j] = mu + to.reduce((total, covariance, i) => total + covariance * weights[i]!, 0);
    std[j] = Math.sqrt(Math.max(0, k[0]! - explained));
  }
  return { mean, std };
}
