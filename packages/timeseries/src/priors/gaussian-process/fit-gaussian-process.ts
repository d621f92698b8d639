import { lbfgs, ReconError } from "@recon/core";
import { checkOptions } from "@recon/core/options";
import type { Arrays, NdArray } from "@recon/engine";
import type { HyperParameter } from "./autocovariance.ts";
import { type Covariance, covarianceChecks } from "./covariance-options.ts";
import { type GaussianProcess, gaussianProcess } from "./gaussian-process.ts";
import { marginalLikelihood } from "./marginal-likelihood.ts";
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
const mostWindows = 48;
/** Noise below this share of the training range is taken for this: a prior must not be surer of the next value than a sensor is of this one. */
const leastNoise = 1e-3;
/** Evaluations of the likelihood from one start. */
const evaluations = 120;

/**
 * The Gaussian process that explains windows of public series best: level, cycle, smooth part and noise by maximum marginal likelihood, and the mean of every column.
 *
 * L-BFGS on the logarithms of the hyper-parameters from starts of different smooth lengths, in bounds: noise at least a thousandth of the range. Of many windows
 * it takes 48, evenly spread. Nothing is random.
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
  const { curves, means, std } = centredCurves(windows);
  const kernels = smooth_kernel === undefined ? (Object.keys(smoothKernels) as SmoothKernel[]) : [smooth_kernel];
  let best: { covariance: Covariance; nats: number } | undefined;
  for (const kernel of kernels) {
    for (const start of startsOf(curves[0]!.length, std, kernel, period)) {
      const found = await climb(start, curves);
      if (best === undefined || found.nats < best.nats) best = found;
    }
  }
  const values = curves.length * curves[0]!.length;
  return {
    prior: gaussianProcess({ mean: means.length === 1 ? means[0]! : means, ...best!.covariance }),
    logDensity: -best!.nats / values,
  };
}

type Found = { readonly covariance: Covariance; readonly nats: number };

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
      const { nats, byLog } = marginalLikelihood(at(x), curves);
      return { value: nats, gradient: Object.fromEntries(moved.map((name) => [name, scalar(byLog[name])])) };
    },
    start: logs((name) => start[name] ?? 1),
    evaluations,
  });
  for await (const event of run) if (event.kind === "result") return { covariance: at(event.x), nats: event.value };
  throw new ReconError("solver", "The fit of a Gaussian process ended without a result.");
}

interface CentredCurves {
  readonly curves: readonly Float64Array[];
  /** Of every column. */
  readonly means: readonly number[];
  readonly std: number;
}

/** Columns of evenly spread windows as curves without their column's mean. */
function centredCurves(windows: readonly NdArray[]): CentredCurves {
  const shape = windows[0]?.shape ?? [];
  const [steps = 0, columns = 1] = shape;
  const uneven = windows.find((window) => window.shape.join() !== shape.join());
  if (uneven !== undefined || shape.length < 1 || shape.length > 2 || steps < 4) {
    const listed =
      uneven === undefined ? `[${shape.join(", ")}]` : `[${shape.join(", ")}] and [${uneven.shape.join(", ")}]`;
    throw new ReconError(
      "bad-data",
      `A Gaussian process is fitted to windows of one shape, [T] or [T, F] with T ≥ 4, not ${listed}.`,
    );
  }
  const step = Math.max(1, windows.length / mostWindows);
  const taken = Array.from({ length: Math.min(windows.length, mostWindows) }, (_, i) => windows[Math.floor(i * step)]!);
  const perColumn = Array.from({ length: columns }, (_, f) =>
    taken.map(({ data }) => Float64Array.from({ length: steps }, (_, t) => data[t * columns + f]!)),
  );
  const means = perColumn.map((curves) => curves.reduce((total, curve) => total + mean(curve) / curves.length, 0));
  const curves = perColumn.flatMap((all, f) => all.map((curve) => curve.map((value) => value - means[f]!)));
  const std = Math.sqrt(
    curves.reduce((total, curve) => total + mean(curve.map((value) => value * value)) / curves.length, 0),
  );
  if (!(std > 0 && Number.isFinite(std))) {
    throw new ReconError(
      "bad-data",
      `The windows ${std === 0 ? "never change" : "hold values that are not finite"}, so no process can be fitted to them.`,
    );
  }
  return { curves, means, std };
}

const mean = (values: Float64Array): number => values.reduce((total, value) => total + value, 0) / values.length;
