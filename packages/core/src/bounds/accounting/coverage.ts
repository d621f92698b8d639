import { ReconError } from "../../errors.ts";

/** What a training loop does, as plain facts, as far as an accountant must know. */
export interface TrainingFacts {
  /** Whose gradient is clipped: each record's own, the whole batch's, or none. */
  readonly clipping: "each-record" | "whole-batch" | "none";
  /** Largest norm after clipping; needed unless `clipping` is `none`. */
  readonly clipBound?: number;
  readonly noise: "gaussian" | "laplace" | "none";
  /** Standard deviation of the noise over the clip bound. */
  readonly noiseMultiplier?: number;
  /** Whether the noise is added to gradients that are clipped afterwards. */
  readonly noiseBeforeClipping?: boolean;
  /** Whether the scale of the noise is computed from the data, as noise relative to the size of the gradient is. */
  readonly noiseFromData?: boolean;
  /** Whether a step that looks at the data, such as pruning by magnitude, lies between clipping and noise. */
  readonly changedBeforeNoise?: boolean;
  /** Whether one record's gradient depends on the others of its batch, as under batch normalisation in train mode. */
  readonly mixesRecords: boolean;
  readonly sampling: "poisson" | "every-record" | "shuffled" | "other";
}

/** Every reason why (ε, δ) of the accountants does not hold for a training loop, a sentence each; none when it holds. */
export function uncoveredReasons(facts: TrainingFacts): readonly string[] {
  const { clipping, clipBound, noise, noiseMultiplier } = facts;
  const reasons: readonly (readonly [boolean, string])[] = [
    [
      facts.mixesRecords,
      "One record's gradient depends on the other records of its batch (batch normalisation does that), so clipping each gradient does not bound what one record changes. Replace it by group or layer normalisation.",
    ],
    [
      clipping === "none" && noise !== "none",
      "Noise without clipping has no epsilon: one record may change the gradient by any amount. Clip each record's gradient first.",
    ],
    [
      clipping === "whole-batch",
      "The whole batch's gradient is clipped and not each record's, so that the scale of all records depends on each of them. Clip each record's gradient.",
    ],
    [
      clipping !== "none" && !(clipBound !== undefined && clipBound > 0 && Number.isFinite(clipBound)),
      `The clip bound is ${clipBound ?? "not given"}; it must be a finite number above 0, because a bound of 0 sends nothing and one that is missing bounds nothing.`,
    ],
    [noise === "none", "No noise is added, so outputs on neighbouring data can be told apart and there is no epsilon."],
    [
      noise === "laplace",
      "Laplace noise on a gradient that is clipped in the Euclidean norm has no guarantee from these accountants: it needs the norm of absolute values bounded.",
    ],
    [
      noise === "gaussian" &&
        !(noiseMultiplier !== undefined && noiseMultiplier > 0 && Number.isFinite(noiseMultiplier)),
      `The noise has no scale (noise multiplier ${noiseMultiplier ?? "not given"}); it must be a finite number above 0.`,
    ],
    [
      facts.noiseBeforeClipping === true,
      "The noise is added before clipping. In this order nothing bounds what one record changes when the noise is added, and the guarantee is void. Clip first.",
    ],
    [
      facts.noiseFromData === true,
      "The scale of the noise is computed from the data and gives some of it away. Fix the scale beforehand.",
    ],
    [
      facts.changedBeforeNoise === true,
      "A step that looks at the data lies between clipping and noise and may enlarge what one record changes. Put it after the noise, where it costs no privacy.",
    ],
    [
      facts.sampling === "shuffled" || facts.sampling === "other",
      "Records are not drawn independently for each step (Poisson sampling), so the gain from sampling must not be counted. Sample that way, or account with a sample rate of 1.",
    ],
  ];
  return reasons.flatMap(([holds, reason]) => (holds ? [reason] : []));
}

/** @throws ReconError `not-covered` with all reasons of `uncoveredReasons`, when there are any. */
export function requireCoverage(facts: TrainingFacts): void {
  const reasons = uncoveredReasons(facts);
  if (reasons.length > 0) throw new ReconError("not-covered", `There is no privacy guarantee. ${reasons.join(" ")}`);
}
