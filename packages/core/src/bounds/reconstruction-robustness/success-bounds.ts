/**
 * Reconstruction robustness: how often any attack can come within a threshold of a record, given how often a blind guess does.
 *
 * κ is the success probability of the best guess that ignores the release, γ bounds that of any attack on it.
 *
 * @see Balle, Cherubin & Hayes, Reconstructing Training Data with Informed Adversaries, IEEE S&P 2022; Hayes, Mahloujifar & Balle, Bounding Training
 * Data Reconstruction in DP-SGD, NeurIPS 2023.
 */
import { ReconError } from "../../errors.ts";
import type { PrivacyProfile } from "../accounting/privacy-loss.ts";
import type { RenyiCurve } from "../accounting/renyi.ts";
import type { Bound } from "../bound.ts";
import { normalCdf, normalQuantile } from "../distributions/normal.ts";
import { requireInsideUnit, requireNonNegative, requirePositive } from "../ranges.ts";

/** What every bound of this kind rests on. */
export const robustnessAssumptions: readonly string[] = [
  "The attacker knows every other record; one who knows less succeeds less often.",
  "The record is drawn from the prior that the blind success was measured on.",
  "The blind success is that of the best guess, for the same loss and threshold as the attack's.",
];

function success(value: number, privacy: string): Bound {
  return { value: Math.min(1, value), kind: "upper", assumptions: [...robustnessAssumptions, privacy] };
}

/** γ = e^ε κ + δ. @throws ReconError `bad-option` unless 0 < κ < 1, ε ≥ 0 and 0 ≤ δ < 1. */
export function successUnderDp(blindSuccess: number, epsilon: number, delta: number): Bound {
  requireInsideUnit("blind success", blindSuccess);
  requireNonNegative("epsilon", epsilon);
  if (!(delta >= 0 && delta < 1)) {
    throw new ReconError("bad-option", `Delta must be at least 0 and below 1, and is ${delta}.`);
  }
  const value = Math.exp(epsilon + Math.log(blindSuccess)) + delta;
  return success(value, `The release is (${epsilon}, ${delta})-differentially private.`);
}

/** γ = min_α (κ e^{ε(α)})^{(α−1)/α} over the orders of a curve. @throws ReconError `bad-option`; `shape` for an empty curve. */
export function successUnderRenyi(blindSuccess: number, { orders, epsilons }: RenyiCurve): Bound {
  requireInsideUnit("blind success", blindSuccess);
  if (orders.length === 0) throw new ReconError("shape", "The Rényi curve holds no orders.");
  const log = Math.log(blindSuccess);
  const logs = orders.map((order, i) => (1 - 1 / order) * (log + epsilons[i]!));
  return success(Math.exp(Math.min(...logs)), "The release has the given Rényi divergences.");
}

/**
 * The same for the Gaussian mechanism on every record, ε(α) = α μ² / 2, at the best real order α = √(−2 log κ) / μ, if that is above 1:
 *
 *     log γ = (1 − 1/α) log κ + (α − 1) μ² / 2
 *
 * @throws ReconError `bad-option` unless 0 < κ < 1 and μ > 0.
 */
export function successUnderGaussianRenyi(blindSuccess: number, mu: number): Bound {
  requireInsideUnit("blind success", blindSuccess);
  requirePositive("mu", mu);
  const log = Math.log(blindSuccess);
  const order = Math.max(1, Math.sqrt(-2 * log) / mu);
  const value = Math.exp((1 - 1 / order) * log + ((order - 1) * mu * mu) / 2);
  return success(value, `The release is Gaussian noise on a sum, with mu = ${mu}, and every record takes part in it.`);
}

/** γ = Φ(Φ⁻¹(κ) + μ), the blow-up of μ-Gaussian differential privacy. @throws ReconError `bad-option` unless 0 < κ < 1 and μ > 0. */
export function successUnderGaussian(blindSuccess: number, mu: number): Bound {
  requireInsideUnit("blind success", blindSuccess);
  requirePositive("mu", mu);
  const value = normalCdf(normalQuantile(blindSuccess) + mu);
  return success(value, `The release is ${mu}-Gaussian differentially private.`);
}

/**
 * γ = min_{ε ≥ 0} (e^ε κ + δ(ε)), the blow-up of a privacy profile at its upper end: holds for sampled steps too, without a simulation.
 *
 * The profile takes records that are added and removed together, so that for sampled steps the value may lie a little above the least one.
 *
 * @throws ReconError `bad-option` unless 0 < κ < 1.
 */
export function successUnderProfile(blindSuccess: number, profile: PrivacyProfile): Bound {
  requireInsideUnit("blind success", blindSuccess);
  const at = (epsilon: number): number => blindSuccess * Math.exp(epsilon) + profile.delta(epsilon).upper;
  // Convex in e^ε, and at least 1 from ε = −log κ on.
  let [low, high] = [1, 1 / blindSuccess];
  let best = Math.min(1, at(0));
  for (let step = 0; step < 100 && high - low > 1e-9 * high; step++) {
    const [left, right] = [low + (high - low) / 3, high - (high - low) / 3];
    const [first, second] = [at(Math.log(left)), at(Math.log(right))];
    best = Math.min(best, first, second);
    if (first < second) high = right;
    else low = left;
  }
  return success(best, "The release has the given privacy profile.");
}
