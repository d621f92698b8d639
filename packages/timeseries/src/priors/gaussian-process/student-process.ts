import type { EnergyPrior, Rng } from "@recon/core";
import { checkOptions, integer, oneOf, positive } from "@recon/core/options";
import { add, constant, log, mul, type NdArray, type Shape, square, sum, type Tensor } from "@recon/engine";
import { type Covariance, covarianceChecks, covarianceOf } from "./covariance-options.ts";
import type { Tails } from "./fit-tails.ts";
import { type GaussianProcessOptions, gaussianProcess, meanCheck } from "./gaussian-process.ts";
import { type InnovationProcessOptions, innovationProcess, innovationsAt } from "./innovation-process.ts";
import { type PublicSeries, publicFits, publicTails } from "./public-fits.ts";

export interface StudentProcessOptions extends GaussianProcessOptions {
  /** ν: the fewer, the heavier the tails; 3 unless said. */
  readonly degrees?: number;
  /** s: scale of an innovation in standard deviations of the Gaussian process; that of unit variance unless said, 1 below three degrees. */
  readonly scale?: number;
}

/** A process with heavy-tailed innovations as a prior of series of any length, which can be drawn from. */
export interface StudentProcess extends EnergyPrior {
  readonly options: Covariance & {
    readonly mean: number | readonly number[];
    readonly degrees: number;
    readonly scale: number;
  };
  jointEnergy(x: Tensor, target: Tensor): Tensor;
  /** Without x the process of the same covariance whose innovations are normal. */
  quadratic(x?: NdArray): EnergyPrior;
  sample(shape: Shape, rng: Rng): NdArray;
  blind(shape: Shape, rng: Rng): NdArray;
}

/**
 * The Gaussian process with innovations of Student's distribution: most steps go on as expected, and a few, such as holidays or faults, leap.
 *
 *     z = L (x − μ),  L lower triangular with Lᵀ L = K⁻¹,     R(x) = Σ_t (ν + 1)/2 log(1 + z_t² / (ν s²))      x [B, T, F]
 *
 * z_t is what a step is off by from its prediction by the steps before it. Each is normal with a variance of its own, which is drawn; with ν → ∞ it is the Gaussian process. In
 * nats, up to a constant. `fitTails` finds ν and s for a kind of series, and `fitted_to` names some that come along. Its blind guess is the mean.
 *
 * @throws ReconError `bad-option`; `shape` from its functions where x is not [B, T, F] or has other columns than there are means.
 * @see A. Shah, A. G. Wilson, Z. Ghahramani, "Student-t Processes as Alternatives to Gaussian Processes", AISTATS 2014, for one variance that all steps share.
 */
export function studentProcess(options: StudentProcessOptions = {}): StudentProcess {
  checkOptions("studentProcess", options, {
    ...covarianceChecks,
    mean: meanCheck,
    fitted_to: oneOf(Object.keys(publicFits) as PublicSeries[]),
    degrees: integer(1, 1000),
    scale: positive(),
  });
  const { fitted_to: series, ...said } = options;
  const fitted = series === undefined ? {} : { ...publicFits[series], ...publicTails[series] };
  const { mean = 0.5, degrees = 3, scale = usualScale(degrees), ...numbers } = { ...fitted, ...said };
  const covariance = covarianceOf("studentProcess", numbers);
  const process = { name: "student-process", mean, covariance };
  const gaussian = gaussianProcess({ mean, ...covariance });
  return {
    kind: "energy",
    name: "student-process",
    options: { mean, ...covariance, degrees, scale },
    quadratic: (x) => (x === undefined ? gaussian : touching(process, x, { degrees, scale })),
    ...innovationProcess({
      ...process,
      energy: (z) => mul(sum(log(add(mul(square(z), 1 / (degrees * scale ** 2)), 1))), (degrees + 1) / 2),
      draw: (rng) => scale * studentDraw(degrees, rng),
    }),
  };
}

/** ½ Σ w z², w = (ν + 1) / (ν s² + z₀²) at the innovations z₀ of a series: what touches the energy there from above. */
function touching(
  process: Pick<InnovationProcessOptions, "name" | "mean" | "covariance">,
  x: NdArray,
  { degrees, scale }: Tails,
): EnergyPrior {
  const weights = innovationsAt(process, x).map((z) => Math.sqrt((degrees + 1) / (degrees * scale ** 2 + z ** 2)));
  const { energy } = innovationProcess({
    ...process,
    energy: (z) => mul(sum(square(mul(z, constant(weights, z.shape)))), 0.5),
    draw: (rng) => rng.normal(),
  });
  return { kind: "energy", name: "touching-process", options: {}, energy };
}

/** √((ν − 2) / ν), with which the variance is 1. */
const usualScale = (degrees: number): number => (degrees > 2 ? Math.sqrt((degrees - 2) / degrees) : 1);

/** t = n / √(χ²_ν / ν). */
function studentDraw(degrees: number, rng: Rng): number {
  let squares = 0;
  for (let i = 0; i < degrees; i++) squares += rng.normal() ** 2;
  return rng.normal() / Math.sqrt(squares / degrees);
}
