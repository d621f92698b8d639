import { lbfgs, ReconError } from "@recon/core";
import { checkOptions } from "@recon/core/options";
import type { Arrays, NdArray } from "@recon/engine";
import type { HyperParameter } from "./autocovariance.ts";
import { centredCurves } from "./centred-curves.ts";
import { type Covariance, covarianceChecks } from "./covariance-options.ts";
import { type GaussianProcess, gaussianProcess } from "./gaussian-process.ts";
import { type MarginalLikelihood, marginalLikelihood } from "./marginal-likelihood.ts";
import { type SmoothKernel, smoothKernels } from "./smooth-kernels.ts";

export interface FitOptions {
  /** Steps of one cycle; a series without one is fitted without a periodic part. */
  readonly period?: number;
  /** The correlation of the smooth part; unless said the likeliest of all. */
  readonly smooth_kernel?: SmoothKernel;
}

export interface GaussianProcessFit {
  readonly prior: GaussianProcess;
  /** log p of the windows, a value, in nats. */
  readonly logDensity: number;
}

/** So many windows say all that a handful of numbers can learn from them. */
export const mostWindows = 48;
/** Noise below this share of the training range is taken for this: a prior must not be surer of the next value than a sensor is of this one. */
const leastNoise = 1e-3;
/** Evaluations of the likelihood from one start. */
const evaluations = 120;

/**
 * The Gaussian process that explains windows of public series best: level, cycle, smooth part and noise by maximum marginal likelihood, and the mean of every column.
 *
 * L-BFGS on the logarithms of the hyper-parameters from starts of different smooth lengths, in bounds: noise at least a thousandth of the range. Of many windows
 * it takes 48, evenly spread. Nothing is random. A short series shows few levels: where later ones may differ, raise `level` in the options of what is found.
 *
 * @param windows all of one shape, [T] or [T, F], such as the curves of `OpenData.training`; the columns count as curves of their own.
 * @throws ReconError `bad-option`; `bad-data` where there are no windows, they differ in shape, have fewer than 4 steps, or never change.
 * @see C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", 2006, 5.4.
 */
export async function fitGaussianProcess(
  windows: readonly NdArray[],
  options: FitOptions = {},
): Promise<GaussianProcessFit> {
  checkOptions("fitGaussianProcess", options, {
    period: covarianceChecks.period,
    smooth_kernel: covarianceChecks.smooth_kernel,
  });
  const { period, smooth_kernel } = options;
  const { curves, means, std } = centredCurves(windows, mostWindows);
  const kernels = smooth_kernel === undefined ? (Object.keys(smoothKernels) as SmoothKernel[]) : [smooth_kernel];
  let best: Found | undefined;
  for (const kernel of kernels) {
    for (const start of startsOf(curves[0]!.length, std, kernel, period)) {
      const found = await climb(start, curves);
      if (best === undefined || found.nats < best.nats) best = found;
    }
  }
  const covariance = rounded(best!.covariance);
  return {
    prior: gaussianProcess({ mean: means.length === 1 ? fourDigits(means[0]!) : means.map(fourDigits), ...covariance }),
    logDensity: -marginalLikelihood(covariance, curves).nats / (curves.length * curves[0]!.length),
  };
}

/** Hyper-parameters are known less well than to four digits. */
function rounded(covariance: Covariance): Covariance {
  const short = Object.entries(covariance).map(([name, value]) => [
    name,
    typeof value === "number" ? fourDigits(value) : value,
  ]);
  return Object.fromEntries(short) as Covariance;
}

const fourDigits = (value: number): number => Number(value.toPrecision(4));

interface Found {
  readonly covariance: Covariance;
  readonly nats: number;
}

/** Where a search begins, from the spread of the curves: one start where the smooth part moves fast and one where it moves slowly. */
function startsOf(steps: number, std: number, kernel: SmoothKernel, period: number | undefined): Covariance[] {
  return [2, steps / 8].map((length) => ({
    noise: Math.max(2 * leastNoise, std / 10),
    level: std / 2,
    cycle: period === undefined ? 0 : std / 2,
    cycle_length: 1,
    ...(period !== undefined && { period, cycle_memory: 4 * steps }),
    smooth: std / 2,
    smooth_length: length,
    smooth_kernel: kernel,
  }));
}

/** The likeliest covariance that L-BFGS reaches from a start. */
async function climb(start: Covariance, curves: readonly Float64Array[]): Promise<Found> {
  const steps = curves[0]!.length;
  const cyclic: readonly HyperParameter[] = start.period === undefined ? [] : ["cycle", "cycle_length", "cycle_memory"];
  const moved: readonly HyperParameter[] = ["noise", "level", "smooth", "smooth_length", ...cyclic];
  const at = (x: Arrays): Covariance => ({
    ...start,
    ...Object.fromEntries(moved.map((name) => [name, Math.exp(x[name]!.data[0]!)])),
  });
  const bounds: Readonly<Record<HyperParameter, readonly [number, number]>> = {
    noise: [leastNoise, 10],
    level: [leastNoise, 10],
    cycle: [leastNoise, 10],
    cycle_length: [0.1, 10],
    cycle_memory: [steps / 4, 100 * steps],
    smooth: [leastNoise, 10],
    smooth_length: [0.25, 10 * steps],
  };
  const scalar = (value: number): NdArray => ({ shape: [], data: Float64Array.of(value) });
  const logs = (of: (name: HyperParameter) => number): Arrays =>
    Object.fromEntries(moved.map((name) => [name, scalar(Math.log(of(name)))]));
  const run = lbfgs({
    box: Object.fromEntries(
      moved.map((name) => [name, { lower: Math.log(bounds[name][0]), upper: Math.log(bounds[name][1]) }]),
    ),
    gradientTolerance: 1e-4 * curves.length,
  }).minimise({
    objective: async (x) => {
      const { nats, byLog } = likelihoodOrNone(at(x), curves);
      return { value: nats, gradient: Object.fromEntries(moved.map((name) => [name, scalar(byLog?.[name] ?? 0)])) };
    },
    start: logs((name) => start[name] ?? 1),
    evaluations,
  });
  for await (const event of run) if (event.kind === "result") return { covariance: at(event.x), nats: event.value };
  throw new ReconError("solver", "The fit of a Gaussian process ended without a result.");
}

/** Where a covariance is singular to working precision no curve is likely, and the line search turns back. */
function likelihoodOrNone(
  covariance: Covariance,
  curves: readonly Float64Array[],
): Partial<MarginalLikelihood> & { readonly nats: number } {
  try {
    return marginalLikelihood(covariance, curves);
  } catch (error) {
    if (error instanceof ReconError && error.code === "not-positive-definite")
      return { nats: Number.POSITIVE_INFINITY };
    throw error;
  }
}
