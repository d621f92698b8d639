import type { EnergyPrior, Matrix, Rng } from "@recon/core";
import { badOption, type Check, checkOptions, oneOf } from "@recon/core/options";
import {
  constant,
  matmul,
  mul,
  type NdArray,
  reshape,
  type Shape,
  sizeOf,
  square,
  sub,
  sum,
  type Tensor,
  transpose,
} from "@recon/engine";
import { seriesExtents } from "../series-extents.ts";
import { autocovariance } from "./autocovariance.ts";
import { type Covariance, type CovarianceOptions, covarianceChecks, covarianceOf } from "./covariance-options.ts";
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
  sample(shape: Shape, rng: Rng): NdArray;
  blind(shape: Shape, rng: Rng): NdArray;
}

const meanCheck: Check<number | readonly number[]> = {
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
  const whitening = rememberedRows(covariance);
  return {
    kind: "energy",
    name: "gaussian-process",
    options: { mean, ...covariance },
    energy: (x: Tensor): Tensor => {
      const [batch, steps, columns] = seriesExtents("gaussian-process", x.shape);
      const centred = sub(x, constant(meansOf(mean, columns), [columns]));
      const curves = reshape(transpose(centred, [0, 2, 1]), [batch * columns, steps]);
      const rows = constant(whitening(steps).data, [steps, steps]);
      return mul(sum(square(matmul(curves, rows, { transposeB: true }))), 0.5);
    },
    sample: (shape, rng) => {
      const [batch, steps, columns] = seriesExtents("gaussian-process", shape);
      const { data: rows } = whitening(steps);
      const means = meansOf(mean, columns);
      const data = new Float64Array(sizeOf(shape));
      for (let b = 0; b < batch; b++) {
        for (let f = 0; f < columns; f++) {
          const at = (t: number): number => (b * steps + t) * columns + f;
          for (let t = 0; t < steps; t++) {
            // L x = z from the first step on: each is its prediction from those before it plus an innovation.
            let value = rng.normal();
            for (let u = 0; u < t; u++) value -= rows[t * steps + u]! * data[at(u)]!;
            data[at(t)] = value / rows[t * steps + t]!;
          }
        }
      }
      return { shape, data: data.map((value, i) => value + means[i % columns]!) };
    },
    blind: (shape) => {
      const [, , columns] = seriesExtents("gaussian-process", shape);
      const means = meansOf(mean, columns);
      return { shape, data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => means[i % columns]!) };
    },
  };
}

/** L [T, T] with Lᵀ L = K⁻¹ for series of so many steps: L (x − μ) is standard normal, and ½ ‖L (x − μ)‖² the energy of one column. */
export function priorRows(prior: GaussianProcess, length: number): Matrix {
  return innovations(autocovariance(prior.options, length)).rows;
}

/** μ of every column. @throws ReconError `bad-option` where there are means of other columns. */
function meansOf(mean: number | readonly number[], columns: number): Float64Array {
  if (typeof mean === "number") return new Float64Array(columns).fill(mean);
  if (mean.length !== columns) {
    throw badOption("gaussianProcess", "mean", mean, `a number, or a list of ${columns}, one a column`);
  }
  return Float64Array.from(mean);
}

/** L for the length that was asked for last: an attack asks for one again and again. */
function rememberedRows(covariance: Covariance): (length: number) => Matrix {
  let known: Matrix | undefined;
  return (length) => {
    if (known?.rows !== length) known = innovations(autocovariance(covariance, length)).rows;
    return known;
  };
}
