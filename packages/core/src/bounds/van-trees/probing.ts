/** Random probes of an information matrix that is known through products only. */
import { ReconError } from "../../errors.ts";
import type { Rng } from "../../random.ts";
import { requireCount } from "../ranges.ts";
import { type EntryNoise, entryPrecision, maskAssumption } from "./entry-noise.ts";
import type { JacobianProducts } from "./products.ts";

/** An information to be estimated, I_D = E_π[J(x)ᵀ Σ⁻¹ J(x)]. */
export interface ProbedInformation {
  readonly products: JacobianProducts;
  readonly noise: EntryNoise;
  /** Independent draws of the prior. */
  readonly points: readonly Float64Array[];
  /** Probes a point. */
  readonly probes: number;
  readonly rng: Rng;
  readonly signal?: AbortSignal;
}

/** A mean and its standard error. */
export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
}

/** Checks what all probing needs and returns Σ⁻¹'s diagonal. @throws ReconError `too-few-draws`, `shape`, and as `entryPrecision`. */
export function requireProbes({ products, noise, points, probes }: ProbedInformation, leastPoints = 1): Float64Array {
  requireCount("number of probes", probes);
  if (points.length < leastPoints || points.length * probes < 2) {
    const needed =
      leastPoints > 1 ? `at least ${leastPoints} draws of the prior` : "at least two probes or two draws of the prior";
    throw new ReconError("too-few-draws", `A standard error needs ${needed}.`);
  }
  const wrong = points.find((point) => point.length !== products.inputs);
  if (wrong !== undefined) {
    throw new ReconError("shape", `A draw of ${wrong.length} numbers does not fit an unknown of ${products.inputs}.`);
  }
  return entryPrecision(noise, products.outputs);
}

/** Numbers ±1, each with probability one half. */
export function randomSigns(n: number, rng: Rng): Float64Array {
  return Float64Array.from({ length: n }, () => (rng.uniform() < 0.5 ? -1 : 1));
}

/**
 * The mean of values that are grouped by point, and its standard error: over the points where there are several, because probes of one point share
 * it; over the probes where there is one.
 */
export function estimateOf(groups: readonly (readonly number[])[]): Estimate {
  const means = groups.map((values) => values.reduce((total, value) => total + value, 0) / values.length);
  const independent = means.length > 1 ? means : groups[0]!;
  const n = independent.length;
  const mean = independent.reduce((total, value) => total + value, 0) / n;
  const squares = independent.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (n * (n - 1))) };
}

/** What an estimate rests on. */
export function probingAssumptions({ noise, points, probes }: ProbedInformation): readonly string[] {
  return [
    `The information is estimated from ${points.length} draws of the prior with ${probes} probes each; two standard errors are added to it, which about one estimate in 44 exceeds.`,
    ...(noise.mask === undefined ? [] : [maskAssumption]),
  ];
}
