import { type Accountant, noiseMultiplierFor } from "../bounds/accounting/noise-multiplier.ts";
import { renyiGuarantee } from "../bounds/accounting/renyi.ts";
import { type AccountedTraining, privacyOf, trainingFacts } from "../defences/privacy.ts";
import { ReconError } from "../errors.ts";
import type { Model } from "../problem.ts";
import type { DefenceFamily } from "./evaluate-defences.ts";
import type { UtilityBudget } from "./utility-curves.ts";

/** The accountant of evaluations: instant, and a little above the least ε that is provable. */
const accountant: Accountant = renyiGuarantee;

/** The training whose accuracy is measured is the one that a guarantee is for. δ is the usual 1 / (10 n). */
export function accountedTraining({ budget, train }: UtilityBudget): AccountedTraining {
  return { batch: budget.batch, records: train, steps: budget.steps, delta: 0.1 / train, accountant };
}

/**
 * The noise multipliers at which a family guarantees each of its ε, in their order.
 *
 * @throws ReconError `bad-option` where the swept option is not the noise multiplier; `not-covered` where the family has no ε whatever its noise, with every
 * reason; `epsilon-not-reachable`.
 */
export function noiseForEpsilons(family: DefenceFamily, model: Model, training: UtilityBudget): readonly number[] {
  const { epsilons = [], name, parameter } = family;
  if (epsilons.length === 0) return [];
  const { batch, records, steps, delta } = accountedTraining(training);
  const defences = family.at(1, batch);
  const outcome = privacyOf(defences, model, accountedTraining(training));
  if ("reasons" in outcome) {
    throw new ReconError(
      "not-covered",
      `"${name}" has no epsilon that noise could be chosen for. ${outcome.reasons.join(" ")}`,
    );
  }
  const { noiseMultiplier } = trainingFacts(defences, model, { batch });
  if (noiseMultiplier !== 1) {
    throw new ReconError(
      "bad-option",
      `Noise for an epsilon is chosen by the noise multiplier; "${parameter}" of "${name}" is not it.`,
    );
  }
  return epsilons.map(
    (epsilon) => noiseMultiplierFor({ epsilon, delta, sampleRate: batch / records, steps }, accountant).noiseMultiplier,
  );
}
