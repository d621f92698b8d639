/** What the stages of a search share: fits at one accuracy, and how far they came. */
import type { Rng } from "../../random.ts";
import { type GeodesicResult, geodesicLevenbergMarquardt } from "../../solvers/geodesic-levenberg-marquardt.ts";
import type { Sizes } from "./accuracies.ts";
import type { Accuracies, WeightedResiduals } from "./weighted-residuals.ts";

export interface SearchOptions {
  readonly residuals: WeightedResiduals;
  /** Root mean square of every array of the observation. */
  readonly sizes: Sizes;
  /** Accuracy of the observation. */
  readonly accuracies: Accuracies;
  readonly starts: (attempt: number, rng: Rng) => Float64Array;
  /** Evaluations after which no further linearisation begins. */
  readonly evaluations: number;
  readonly rng: Rng;
  readonly signal: AbortSignal;
}

export interface SearchProgress {
  readonly evaluations: number;
  readonly cost: number;
  readonly stage: string;
}

/** Relative accuracy of the coarse fit, from which almost any start reaches the right valley. */
export const coarse = 1e-2;
/** Linearisations of a fit at the accuracy of the observation. */
export const fineIterations = 80;
/** Misfit up to which an observation is explained well enough to stop there. */
export const settledMisfit = 2;

/** Geodesic Levenberg-Marquardt at one accuracy, within what is left of the evaluations. */
export async function* leastSquares(
  { residuals, signal, evaluations }: SearchOptions,
  start: Float64Array,
  accuracies: Accuracies,
  stage: string,
  { iterations, damping }: { readonly iterations: number; readonly damping?: number },
): AsyncGenerator<SearchProgress, GeodesicResult> {
  const each = start.length + 3;
  const left = Math.max(1, Math.floor((evaluations - residuals.evaluations()) / each));
  const run = geodesicLevenbergMarquardt({
    start,
    residual: (x) => residuals.residual(x, accuracies),
    factorise: (x) => residuals.factorise(x, accuracies),
    signal,
    options: {
      iterations: Math.min(iterations, left),
      longest: 0.7,
      ...(damping !== undefined && { damping }),
    },
  });
  for (;;) {
    const step = await run.next();
    if (step.done) return step.value;
    yield { evaluations: residuals.evaluations(), cost: step.value.cost, stage };
  }
}

/** Root mean square of the residuals in units of the observation's accuracy: 1 where it is explained. */
export async function misfitOf({ residuals, accuracies }: SearchOptions, x: Float64Array): Promise<number> {
  const r = await residuals.residual(x, accuracies);
  return Math.sqrt((2 * half(r)) / r.length);
}

/** ½‖r‖². */
export const half = (r: Float64Array): number => r.reduce((total, value) => total + value * value, 0) / 2;

export const spent = ({ residuals, evaluations, signal }: SearchOptions): boolean =>
  signal.aborted || residuals.evaluations() >= evaluations;

/** Accuracies that are nowhere below a share of the arrays' sizes. */
export function atLeast(accuracies: Accuracies, sizes: Sizes, share: number): Accuracies {
  return Object.fromEntries(
    Object.entries(accuracies).map(([name, values]) => [
      name,
      values.map((value) => Math.max(value, share * sizes[name]!)),
    ]),
  );
}

/** Accuracies that are so many times coarser. */
export function coarser(accuracies: Accuracies, factor: number): Accuracies {
  return Object.fromEntries(
    Object.entries(accuracies).map(([name, values]) => [name, values.map((value) => value * factor)]),
  );
}

/** The coarsest accuracy of the observation as a share of its array's size. */
export function relativeAccuracy({ accuracies, sizes }: SearchOptions): number {
  const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, value), 0);
  return Math.max(...Object.entries(accuracies).map(([name, values]) => largest(values) / sizes[name]!));
}
