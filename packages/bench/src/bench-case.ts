import type { CertificateLevel, Flag, Verdict } from "@recon/core";
import type { Executor } from "@recon/engine";

/** What a metric, or `seconds`, must be: at least or at most a number. */
export type Target = `>=${number}` | `<=${number}`;

/** What a trial works with. */
export interface TrialContext {
  readonly executor: Executor;
  readonly signal: AbortSignal;
  /** A check that everything works, not a measurement: a tenth of the evaluations. */
  readonly quick: boolean;
}

/** What one trial found of one item. */
export interface Measurement {
  readonly item: string;
  readonly attack: string;
  /** Everything the attacker was told. */
  readonly given: readonly Flag[];
  readonly observation: "float32" | "float64";
  readonly metric: Readonly<Record<string, number>>;
  /** The same metrics for the attacker who saw only the prior. */
  readonly floor?: Readonly<Record<string, number>>;
  /** Who that is, where it is known, such as `the week before`. */
  readonly floorName?: string;
  /** Why there is no floor. */
  readonly floorReason?: string;
  readonly certificate: CertificateLevel;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly residual: number;
  /** The attack alone, compilation included; data and victim excluded. */
  readonly seconds: number;
  readonly evaluations: number;
  /** A trial that could not be run still has its line, and missed. */
  readonly error?: string;
}

/**
 * One victim and one attack, judged against targets. `id/name` is a baseline of the case `id` and has no targets. A case at two precisions is two cases of one id.
 */
export interface BenchCase {
  readonly id: string;
  readonly suite: string;
  /** By name of a metric, or `seconds`; empty for a baseline. */
  readonly targets: Readonly<Record<string, Target>>;
  /** 8 unless said; 2 in a quick run. */
  readonly seeds?: number;
  /** Share of the seeds of which every item must meet the targets, for the case to be met; 1 unless said. */
  readonly share?: number;
  /** What must meet the targets: the items of that share of seeds, each of them (unless said), or the median over all items, where what failed counts as worst. */
  readonly judged?: "items" | "median";
  /** Draws everything from the seed, attacks, and yields what became of every item. */
  trial(seed: number, context: TrialContext): AsyncIterable<Measurement>;
}
