import type { Executor, NdArray } from "@recon/engine";
import { randomPoint } from "../diagnose/random-point.ts";
import { ReconError } from "../errors.ts";
import { gaussian } from "../priors/gaussian.ts";
import type { EnergyPrior, Problem } from "../problem.ts";
import type { Rng } from "../random.ts";
import { boxWidth, entryAccuracies, sizesOf } from "./gauss-newton/accuracies.ts";
import { headAsFeatures } from "./gauss-newton/head-as-features.ts";
import { posteriorStds } from "./gauss-newton/posterior-stds.ts";
import { quadraticPrior } from "./gauss-newton/quadratic-prior.ts";
import { weightedResiduals } from "./gauss-newton/weighted-residuals.ts";
import { headError } from "./head-target.ts";
import { withLinearLoss } from "./settled-target.ts";

/** What the observation can tell of every entry of the input. */
export interface ReadableEntries {
  /** Standard deviation that is left of every entry under an independent prior of a quarter of the box's width, in widths of the box. */
  readonly stds: Float64Array;
  /** Entries of which less than .05 is left. */
  readonly readable: readonly number[];
}

export interface ReadableEntriesOptions {
  /** The first that can be drawn from says where to look; a point of the box, drawn evenly, otherwise. */
  readonly priors?: readonly EnergyPrior[];
  readonly rng: Rng;
}

/** Standard deviation of an entry under the prior of the forecast, and below which it counts as read, in widths of the box. */
const forecastPriorStd = 0.25;
const readableStd = 0.05;

/** Made-up inputs at which the forecast looks. */
const places = 3;

/**
 * Which entries the observation can give away at its precision, before any attack: the linearised posterior at made-up inputs, √diag((Σ Jᵀ J / σ² + I / .25²)⁻¹), and
 * of three of them the largest.
 *
 * A forecast at other inputs than the secret one; what it says of the count is the same to within a few entries, unless the net behaves otherwise there.
 */
export async function readableEntries(
  problem: Problem,
  executor: Executor,
  { priors = [], rng }: ReadableEntriesOptions,
): Promise<ReadableEntries> {
  const error = headError(problem);
  if ("reason" in error) throw new ReconError("attack-does-not-apply", error.reason);
  const shape = [1, ...problem.model.input.shape];
  const width = boxWidth(problem.domain) ?? 1;
  const drawn = priors.find(({ sample }) => sample !== undefined);
  const madeUp = (stream: Rng): NdArray => drawn?.sample?.(shape, stream) ?? randomPoint(problem, 1, stream).input;
  const prior = await quadraticPrior([gaussian({ std: forecastPriorStd * width })], shape, executor);
  const linear = headAsFeatures(withLinearLoss(problem), error);
  const residuals = await weightedResiduals(linear, executor, error.value, prior);
  try {
    const accuracies = entryAccuracies(problem, linear.observation, sizesOf(linear));
    const stds = new Float64Array(prior.size);
    for (let place = 0; place < places; place++) {
      const point = Float64Array.from(madeUp(rng.split(`place ${place}`)).data);
      const there = posteriorStds((await residuals.factorise(point, accuracies)).factor);
      there.forEach((std, i) => {
        stds[i] = Math.max(stds[i]!, std / width);
      });
    }
    return { stds, readable: Array.from(stds.keys()).filter((i) => stds[i]! < readableStd) };
  } finally {
    await residuals.dispose();
  }
}

/** The same as a sentence. */
export function forecastOf({ stds, readable }: ReadableEntries): string {
  const share = `${readable.length} of ${stds.length} entries of the input`;
  const where = readable.length === 0 || readable.length === stds.length ? "" : `: ${rangesOf(readable)}`;
  const others = readable.length === stds.length ? "" : " Of others a prior speaks.";
  return `The observation can tell ${share} to within ${readableStd} of their range${where}.${others}`;
}

/** Places counted from 1, neighbours as ranges: `1, 4-9`. */
export function rangesOf(places: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const place of places) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === place - 1) last[1] = place;
    else ranges.push([place, place]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from + 1}` : `${from + 1}-${to + 1}`)).join(", ");
}
