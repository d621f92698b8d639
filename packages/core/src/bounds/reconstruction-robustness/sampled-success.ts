import { ReconError } from "../../errors.ts";
import type { Rng } from "../../random.ts";
import { requireMechanism, type SampledGaussian } from "../accounting/guarantee.ts";
import type { Bound } from "../bound.ts";
import { requireCount, requireInsideUnit } from "../ranges.ts";
import { robustnessAssumptions } from "./success-bounds.ts";

export interface SampledSuccessOptions {
  readonly rng: Rng;
  /** N: simulated runs with and as many without the record; 200 000 unless given. */
  readonly draws?: number;
  /** Bootstrap resamples, 200 unless given. */
  readonly resamples?: number;
  /** Coverage of the interval, 0.95 unless given. */
  readonly level?: number;
}

/** γ by simulation, with its bootstrap interval. */
export interface SampledSuccess extends Bound {
  readonly interval: readonly [number, number];
  readonly draws: number;
}

/**
 * γ of DP-SGD with Poisson sampling, by simulation: the probability, with the record in, of the event that is likeliest then among those of
 * probability κ without it. With w_t ~ N(0, s²) a step's projection on the record's gradient,
 *
 *     l = Σ_t log(1 − q + q exp((2 w_t − 1) / 2s²)),    γ = P_with(l > t_κ),    P_without(l > t_κ) = κ
 *
 * Both sides are drawn from their own distribution. The mean of e^l over the κ N largest draws without the record has the same limit, but its
 * weights have a variance of e^{T/s²}, and where that is large it would report far too little.
 *
 * An approximation: the upper end of the interval is exceeded by the truth as often as its level says.
 *
 * @throws ReconError `too-few-draws` when fewer than 100 draws lie in the event; `no-noise`, `bad-option`.
 * @see Hayes, Mahloujifar & Balle, Bounding Training Data Reconstruction in DP-SGD, NeurIPS 2023, algorithm 1.
 */
export function successUnderSampling(
  blindSuccess: number,
  mechanism: SampledGaussian,
  options: SampledSuccessOptions,
): SampledSuccess {
  requireInsideUnit("blind success", blindSuccess);
  requireMechanism(mechanism);
  const { rng, draws = 200_000, resamples = 200, level = 0.95 } = options;
  requireCount("number of draws", draws);
  requireCount("number of resamples", resamples, 20);
  requireInsideUnit("level of the interval", level);
  if (draws * Math.min(blindSuccess, 1 - blindSuccess) < 100) {
    const needed = Math.ceil(100 / Math.min(blindSuccess, 1 - blindSuccess));
    throw new ReconError(
      "too-few-draws",
      `Of ${draws} draws fewer than 100 lie on one side of a blind success of ${blindSuccess}. Draw at least ${needed}.`,
    );
  }
  const without = drawLosses(mechanism, false, draws, rng.split("without the record"));
  const within = drawLosses(mechanism, true, draws, rng.split("with the record"));
  const rank = Math.floor(blindSuccess * draws);
  const value = 1 - countAtMost(within, without[draws - 1 - rank]!) / draws;
  const random = rng.split("bootstrap");
  const again = Float64Array.from({ length: resamples }, () => {
    const picked = pickedFromTop(draws, rank, random);
    const above = 1 - countAtMost(within, without[draws - 1 - picked]!) / draws;
    return resampledShare(above, draws, random);
  }).sort();
  const ends = [(1 - level) / 2, (1 + level) / 2].map((p) => again[Math.round(p * (resamples - 1))]!);
  return {
    value,
    kind: "approximation",
    interval: [ends[0]!, ends[1]!],
    draws,
    assumptions: [
      ...robustnessAssumptions,
      "Every record enters each step independently with the sample rate (Poisson sampling), and its gradient is clipped to the bound that the noise is scaled by.",
      `The value is simulated with ${draws} draws; its interval of level ${level} says how far off it may be.`,
    ],
  };
}

/** Sorted losses of runs with or without the record. */
function drawLosses(
  { sampleRate: q, noiseMultiplier: s, steps }: SampledGaussian,
  present: boolean,
  draws: number,
  rng: Rng,
): Float64Array {
  const variance = s * s;
  // Where every record takes part, the steps add up to one normal number.
  if (q === 1) {
    const taken = present ? steps : 0;
    const one = (): number => (2 * (s * Math.sqrt(steps) * rng.normal() + taken) - steps) / (2 * variance);
    return Float64Array.from({ length: draws }, one).sort();
  }
  return Float64Array.from({ length: draws }, () => {
    let loss = 0;
    for (let step = 0; step < steps; step++) {
      const taken = present && rng.uniform() < q ? 1 : 0;
      const log = (2 * (s * rng.normal() + taken) - 1) / (2 * variance);
      // The two forms keep exp from overflowing and small rates from cancelling.
      loss += log > 30 ? log + Math.log(q + (1 - q) * Math.exp(-log)) : Math.log1p(q * Math.expm1(log));
    }
    return loss;
  }).sort();
}

/** How many of the sorted values are at most a limit. */
function countAtMost(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Where the value of rank `rank` from the top of a resample with replacement stood in the sample, from the top.
 *
 * The (rank + 1)-th smallest of n uniform numbers is a sum of rank + 1 exponential gaps over the sum of all n + 1.
 */
function pickedFromTop(n: number, rank: number, rng: Rng): number {
  const top = exponentialSum(rank + 1, rng);
  return Math.min(n - 1, Math.floor((n * top) / (top + exponentialSum(n - rank, rng))));
}

/** The share that a resample of n finds of what has a share p: binomial, and normal to a good approximation at these sizes. */
function resampledShare(p: number, n: number, rng: Rng): number {
  return Math.min(1, Math.max(0, p + Math.sqrt((p * (1 - p)) / n) * rng.normal()));
}

/** A sum of many standard exponential numbers, by Wilson and Hilferty's cube root, which is normal to a good approximation. */
function exponentialSum(count: number, rng: Rng): number {
  const share = 1 / (9 * count);
  return count * (1 - share + Math.sqrt(share) * rng.normal()) ** 3;
}
