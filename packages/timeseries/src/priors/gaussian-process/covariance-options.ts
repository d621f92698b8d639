import { badOption, type Checks, integer, oneOf, positive, real } from "@recon/core/options";
import { type SmoothKernel, smoothKernels } from "./smooth-kernels.ts";

/**
 * The covariance of two values of a series Δ steps apart, a sum of what its options name:
 *
 *     k(Δ) = level² + cycle² e^{−2 sin²(π Δ / period) / cycle_length²} e^{−Δ² / 2 cycle_memory²} + smooth² κ(Δ / smooth_length) + noise² [Δ = 0]
 */
export interface CovarianceOptions {
  /** Standard deviation of what is independent at every step, above 0; .02 unless said. */
  readonly noise?: number;
  /** Standard deviation of a series' level; 0 unless said. */
  readonly level?: number;
  /** Standard deviation of the periodic part; 0 unless said, and then without effect. */
  readonly cycle?: number;
  /** Steps of one cycle; needed where there is a periodic part. */
  readonly period?: number;
  /** How alike two moments within a cycle are: above 1 a cycle is nearly a sine, far below 1 it may have any shape; 1 unless said. */
  readonly cycle_length?: number;
  /** Steps over which a cycle keeps its shape; for ever unless said. */
  readonly cycle_memory?: number;
  /** Standard deviation of the smooth part; .2 unless said. */
  readonly smooth?: number;
  /** Steps over which the smooth part changes; 6 unless said. */
  readonly smooth_length?: number;
  /** κ: Matérn of the given order, from rough to smooth, or a Gaussian bell; `matern-3/2` unless said. */
  readonly smooth_kernel?: SmoothKernel;
}

/** The same with every number in its place; `cycle_memory` is absent where cycles keep their shape, `period` where there are none. */
export type Covariance = Required<Omit<CovarianceOptions, "period" | "cycle_memory">> &
  Pick<CovarianceOptions, "period" | "cycle_memory">;

export const covarianceChecks: Checks<CovarianceOptions> = {
  noise: positive(),
  level: real(0),
  cycle: real(0),
  period: integer(2),
  cycle_length: positive(),
  cycle_memory: positive(),
  smooth: real(0),
  smooth_length: positive(),
  smooth_kernel: oneOf(Object.keys(smoothKernels) as SmoothKernel[]),
};

/** Fills in what is not said. @throws ReconError `bad-option` for a periodic part without a period. */
export function covarianceOf(piece: string, options: CovarianceOptions): Covariance {
  const { noise = 0.02, level = 0, cycle = 0, period, cycle_length = 1, cycle_memory } = options;
  const { smooth = 0.2, smooth_length = 6, smooth_kernel = "matern-3/2" } = options;
  if (cycle > 0 && period === undefined) {
    throw badOption(piece, "period", period, `the number of steps of one cycle where "cycle" is above 0`);
  }
  return {
    ...{ noise, level, cycle, cycle_length, smooth, smooth_length, smooth_kernel },
    ...(period !== undefined && { period }),
    ...(cycle_memory !== undefined && { cycle_memory }),
  };
}
