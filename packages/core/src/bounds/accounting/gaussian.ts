/** Gaussian differential privacy: a mechanism that is as hard to see through as telling N(0, 1) from N(μ, 1). */
import { ReconError } from "../../errors.ts";
import { logNormalCdf } from "../distributions/normal.ts";
import { requireInsideUnit, requireNonNegative, requirePositive } from "../ranges.ts";
import { guarantee, type PrivacyGuarantee, requireMechanism, type SampledGaussian } from "./guarantee.ts";

/**
 * δ at which a μ-GDP mechanism is (ε, δ)-private, exactly: δ = Φ(−ε/μ + μ/2) − e^ε Φ(−ε/μ − μ/2).
 *
 * @throws ReconError `bad-option` unless μ > 0 and ε ≥ 0.
 * @see Dong, Roth & Su, Gaussian Differential Privacy, JRSS B 2022, corollary 2.13.
 */
export function gaussianDelta(mu: number, epsilon: number): number {
  requirePositive("mu", mu);
  requireNonNegative("epsilon", epsilon);
  const first = logNormalCdf(-epsilon / mu + mu / 2);
  const second = epsilon + logNormalCdf(-epsilon / mu - mu / 2);
  return Math.max(0, -Math.exp(first) * Math.expm1(second - first));
}

/** The least ε at which a μ-GDP mechanism is (ε, δ)-private, by bisection to float64. @throws ReconError `bad-option`. */
export function gaussianEpsilon(mu: number, delta: number): number {
  requireInsideUnit("delta", delta);
  if (gaussianDelta(mu, 0) <= delta) return 0;
  let [low, high] = [0, 1];
  while (gaussianDelta(mu, high) > delta) high *= 2;
  for (let step = 0; step < 200 && high - low > 1e-14 * high; step++) {
    const middle = 0.5 * (low + high);
    if (gaussianDelta(mu, middle) > delta) low = middle;
    else high = middle;
  }
  return high;
}

/** μ = √T / s of T steps that every record takes part in. @throws ReconError `no-noise`, `bad-option`. */
export function gaussianMu(noiseMultiplier: number, steps: number): number {
  requireMechanism({ sampleRate: 1, noiseMultiplier, steps });
  return Math.sqrt(steps) / noiseMultiplier;
}

/** (ε, δ) of the Gaussian mechanism on every record, exact. @throws ReconError `sampled` for a sample rate below 1. */
export function gaussianGuarantee(mechanism: SampledGaussian, delta: number): PrivacyGuarantee {
  requireMechanism(mechanism);
  if (mechanism.sampleRate < 1) {
    throw new ReconError(
      "sampled",
      `Gaussian differential privacy is exact only where every record takes part; the sample rate is ${mechanism.sampleRate}. Use renyiGuarantee or privacyLossGuarantee.`,
    );
  }
  const epsilon = gaussianEpsilon(gaussianMu(mechanism.noiseMultiplier, mechanism.steps), delta);
  return guarantee(mechanism, delta, { epsilon, kind: "upper", method: "Gaussian differential privacy, exact" });
}

/**
 * μ ≈ q √(T (e^{1/s²} − 1)) of many subsampled steps, by the central limit theorem. It may lie below the truth: never a guarantee.
 *
 * @see Bu, Dong, Long & Su, Deep Learning with Gaussian Differential Privacy, HDSR 2020.
 */
export function limitMu(mechanism: SampledGaussian): number {
  requireMechanism(mechanism);
  const { sampleRate, noiseMultiplier, steps } = mechanism;
  return sampleRate * Math.sqrt(steps * Math.expm1(1 / noiseMultiplier ** 2));
}

/** ε by the central limit theorem: marked an approximation, for comparison with the accountants that bound. */
export function limitApproximation(mechanism: SampledGaussian, delta: number): PrivacyGuarantee {
  const found = guarantee(mechanism, delta, {
    epsilon: gaussianEpsilon(limitMu(mechanism), delta),
    kind: "approximation",
    method: "central limit theorem for Gaussian differential privacy",
  });
  const limit =
    "The number of steps is so large and the sample rate so small that the sum of losses is normal; this is not checked.";
  return { ...found, assumptions: [...found.assumptions, limit] };
}
