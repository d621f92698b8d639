/** What comparing defences writes down: plain JSON, complete enough for a page without running anything again. */
import type { Bound } from "../bounds/bound.ts";
import type { Interval } from "../judge/interval.ts";

/** What a defence guarantees in the sense of differential privacy. */
export interface PrivacyStatement {
  readonly epsilon: number;
  readonly delta: number;
  readonly assumptions: readonly string[];
}

/** What one setting of a defence costs. */
export interface UtilityMeasurement {
  readonly strength: number;
  /** Percentage points of accuracy lost against training without the defence; never negative after smoothing. */
  readonly loss: number;
  /** Accuracy of each seed, in percent, before smoothing. */
  readonly accuracies: readonly number[];
  /** The step size that was best for it. */
  readonly rate: number;
}

/** How accuracy falls with the strength of one defence. */
export interface UtilityCurve {
  readonly defence: string;
  /** The option that is swept. */
  readonly parameter: string;
  readonly points: readonly UtilityMeasurement[];
  /** Settings that were chosen for their ε. */
  readonly guarantees?: readonly (UtilityMeasurement & { readonly epsilon: number })[];
}

/** One attack on one defence at one level of utility. */
export interface AttackOutcome {
  readonly attack: string;
  /** Whether it was told of the defence. */
  readonly adaptive: boolean;
  /** Mean score over trials with its interval; a trial that failed counts as the blind guess. Absent when every trial failed. */
  readonly score?: Interval;
  /** The score of each trial, in order of trials, so that differences can be paired; null for one that failed. */
  readonly trials: readonly (number | null)[];
  readonly failures: number;
  /** Why the first of the trials that failed did. */
  readonly reason?: string;
}

/** One defence at one level of utility, or at one ε. */
export interface DefenceCell {
  readonly defence: string;
  /** Percentage points of accuracy: that may be lost, or where an ε was asked for, that are. */
  readonly level: number;
  /** The ε that was asked for in place of a level. */
  readonly epsilon?: number;
  /** The strength that loses as much; absent where no strength of the sweep does. */
  readonly strength?: number;
  /** Why there is no strength, or how far it is to be trusted. */
  readonly note?: string;
  readonly outcomes: readonly AttackOutcome[];
  /** The attack that leaves the least error, among those told of the defence and among those that are not. */
  readonly strongest: { readonly adaptive?: string; readonly oblivious?: string };
  /** Score of the guess of someone who saw nothing. */
  readonly floor?: Interval;
  /** What no attack can beat, where something is proven. */
  readonly bound?: Bound;
  readonly privacy?: PrivacyStatement;
  /** Why there is no bound, or no ε. */
  readonly missing: { readonly bound?: string; readonly privacy?: string };
}

/** One defence against another at equal utility: mean over trials of the difference of what the strongest adaptive attack leaves. */
export interface DefencePair {
  readonly level: number;
  readonly stronger: string;
  readonly weaker: string;
  readonly difference: Interval;
}

export interface EvaluationRecord {
  readonly format: "recon-evaluation/1";
  /** Id of the scenario that the defences are put on. */
  readonly scenario: string;
  readonly title: string;
  readonly victim: string;
  readonly metric: { readonly name: string; readonly unit: string; readonly better: "higher" | "lower" };
  readonly levels: readonly number[];
  readonly training: {
    readonly steps: number;
    readonly batch: number;
    readonly seeds: number;
    readonly rates: readonly number[];
    readonly accuracy: number;
  };
  readonly curves: readonly UtilityCurve[];
  readonly cells: readonly DefenceCell[];
  readonly pairs: readonly DefencePair[];
  /** False where it was interrupted: cells that are missing were not run. */
  readonly complete: boolean;
}
