import type { Bound } from "../bound.ts";
import { requireCount, requireNoise, requireRate } from "../ranges.ts";

/**
 * T steps of DP-SGD as an accountant sees them: each record takes part in a step with probability q on its own, its gradient is clipped to
 * norm S, and Gaussian noise of standard deviation s · S is added to the sum.
 */
export interface SampledGaussian {
  /** q in (0, 1]; 1 is every record in every step. */
  readonly sampleRate: number;
  /** s: standard deviation of the noise over the clip bound. */
  readonly noiseMultiplier: number;
  /** T. */
  readonly steps: number;
}

/** What two data sets that must be hard to tell apart differ in. */
export type Neighbours = "add-or-remove";

/** How records get into a step. */
export type Sampling = "poisson" | "every-record";

/** An (ε, δ) guarantee; `value` is ε. */
export interface PrivacyGuarantee extends Bound {
  readonly epsilon: number;
  readonly delta: number;
  readonly neighbours: Neighbours;
  readonly sampling: Sampling;
  /** The accountant that found it, in words. */
  readonly method: string;
}

/** @throws ReconError `no-noise` or `bad-option` for a mechanism that no accountant takes. */
export function requireMechanism({ sampleRate, noiseMultiplier, steps }: SampledGaussian): void {
  requireRate("sample rate", sampleRate);
  requireNoise("noise multiplier", noiseMultiplier);
  requireCount("number of steps", steps);
}

/** Puts an accountant's figure and what it rests on together. */
export function guarantee(
  mechanism: SampledGaussian,
  delta: number,
  found: { readonly epsilon: number; readonly kind: Bound["kind"]; readonly method: string },
): PrivacyGuarantee {
  const sampling = mechanism.sampleRate < 1 ? "poisson" : "every-record";
  return {
    value: found.epsilon,
    kind: found.kind,
    assumptions: [
      "Neighbouring data sets differ by one record that is added or removed.",
      sampling === "poisson"
        ? "Every record enters each step independently with the sample rate (Poisson sampling); a loop over shuffled batches does not do that."
        : "Every record enters every step.",
      "Each record's own gradient is clipped before Gaussian noise of the noise multiplier times the clip bound is added to their sum.",
      "Nothing else that depends on the data is released.",
    ],
    epsilon: found.epsilon,
    delta,
    neighbours: "add-or-remove",
    sampling,
    method: found.method,
  };
}
