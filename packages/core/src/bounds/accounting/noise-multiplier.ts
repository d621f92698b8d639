import { ReconError } from "../../errors.ts";
import { requirePositive } from "../ranges.ts";
import type { PrivacyGuarantee, SampledGaussian } from "./guarantee.ts";
import { renyiGuarantee } from "./renyi.ts";

/** A privacy goal for training that is otherwise fixed. */
export interface PrivacyGoal {
  readonly epsilon: number;
  readonly delta: number;
  readonly sampleRate: number;
  readonly steps: number;
}

/** An accountant as a function: what it proves of a mechanism. */
export type Accountant = (mechanism: SampledGaussian, delta: number) => PrivacyGuarantee;

const [leastNoise, mostNoise] = [1e-3, 1e6];

/**
 * The least noise multiplier, to one part in a million and rounded up, at which an accountant proves the wanted ε.
 *
 * @param account `renyiGuarantee` unless given.
 * @throws ReconError `epsilon-not-reachable` when the accountant does not prove that ε at any noise; `bad-option`.
 */
export function noiseMultiplierFor(
  goal: PrivacyGoal,
  account: Accountant = renyiGuarantee,
): { readonly noiseMultiplier: number; readonly guarantee: PrivacyGuarantee } {
  requirePositive("wanted epsilon", goal.epsilon);
  const at = (noiseMultiplier: number): PrivacyGuarantee =>
    account({ sampleRate: goal.sampleRate, steps: goal.steps, noiseMultiplier }, goal.delta);
  let most = at(mostNoise);
  if (!(most.epsilon <= goal.epsilon)) {
    throw new ReconError(
      "epsilon-not-reachable",
      `No noise reaches epsilon ${goal.epsilon} at delta ${goal.delta}: even at a noise multiplier of ${mostNoise} this accountant (${most.method}) proves ${most.epsilon.toPrecision(4)} only. Ask for a larger epsilon or delta, or use an accountant that is exact for small epsilon.`,
    );
  }
  let [low, high] = [Math.log(leastNoise), Math.log(mostNoise)];
  while (high - low > 1e-6) {
    const middle = 0.5 * (low + high);
    const found = at(Math.exp(middle));
    if (found.epsilon <= goal.epsilon) {
      high = middle;
      most = found;
    } else low = middle;
  }
  return { noiseMultiplier: Math.exp(high), guarantee: most };
}
