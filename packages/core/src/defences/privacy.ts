import { type TrainingFacts, uncoveredReasons } from "../bounds/accounting/coverage.ts";
import type { PrivacyGuarantee, SampledGaussian } from "../bounds/accounting/guarantee.ts";
import { privacyLossGuarantee } from "../bounds/accounting/privacy-loss.ts";
import type { Defence, MechanismStep, Model } from "../problem.ts";

/** The training that a guarantee is for. */
export interface AccountedTraining {
  /** B, the expected batch size, and n, the number of records: q = B / n. */
  readonly batch: number;
  readonly records: number;
  readonly steps: number;
  readonly delta: number;
  /** From `mixesRecords`; a model that holds running statistics counts as mixing unless said. */
  readonly mixesRecords?: boolean;
  /** By privacy loss distributions unless said: the least ε, in seconds; `renyiGuarantee` is a little above it and instant. */
  readonly accountant?: (mechanism: SampledGaussian, delta: number) => PrivacyGuarantee;
}

/** A guarantee, or every reason why there is none, a sentence each. */
export type PrivacyOutcome = PrivacyGuarantee | { readonly reasons: readonly string[] };

/**
 * (ε, δ) of training with these defences on, as an accountant of the Poisson-subsampled Gaussian has it, or why they have none.
 *
 * Only a bound on each record's gradient with Gaussian noise of a fixed scale behind it has one. What comes after the noise costs nothing and is not looked at;
 * what lies between the two and looks at the data voids it, and so does the reverse order.
 *
 * @throws ReconError `bad-option` for a δ outside (0, 1) or a batch larger than the data.
 */
export function privacyOf(defences: readonly Defence[], model: Model, training: AccountedTraining): PrivacyOutcome {
  const { batch, records, steps, delta, accountant = privacyLossGuarantee } = training;
  const facts = trainingFacts(defences, model, training);
  const reasons = uncoveredReasons(facts);
  if (reasons.length > 0) return { reasons };
  return accountant({ sampleRate: batch / records, noiseMultiplier: facts.noiseMultiplier!, steps }, delta);
}

/** The facts of a list of defences in order of application. */
export function trainingFacts(
  defences: readonly Defence[],
  model: Model,
  {
    batch,
    mixesRecords = Object.keys(model.buffers ?? {}).length > 0,
  }: Pick<AccountedTraining, "batch" | "mixesRecords">,
): TrainingFacts {
  // A mean divides by the batch what the noise multiplier is measured on as a sum.
  const share = model.lossReduction === "sum" ? 1 : 1 / batch;
  let facts: TrainingFacts = { clipping: "none", noise: "none", mixesRecords, sampling: "poisson" };
  let looked = false;
  for (const step of defences.flatMap(stepsOf)) {
    if (step.kind === "clip") {
      if (facts.noise !== "none") {
        // Behind the noise of a mechanism that is complete, clipping is only a rescaling of what is already private.
        if (facts.clipping !== "each-record")
          facts = { ...facts, noiseBeforeClipping: true, clipping: step.of, clipBound: step.bound };
      } else if (facts.clipping === "each-record") looked = true;
      else facts = { ...facts, clipping: step.of, clipBound: step.bound };
    } else if (step.kind === "looks-at-data") {
      looked ||= facts.noise === "none";
    } else if (facts.noise === "none") {
      const multiplier =
        "multiplier" in step.scale ? step.scale.multiplier : step.scale.std / ((facts.clipBound ?? Number.NaN) * share);
      facts = {
        ...facts,
        noise: step.distribution,
        noiseMultiplier: multiplier,
        noiseFromData: step.fromData === true,
        changedBeforeNoise: looked,
      };
    }
  }
  return facts;
}

function stepsOf(defence: Defence): readonly MechanismStep[] {
  if (defence.mechanism !== undefined) return defence.mechanism;
  return defence.channel === undefined && defence.fit === undefined ? [] : [{ kind: "looks-at-data" }];
}
