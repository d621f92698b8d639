import type { BatchFinding, LayerRank } from "./layer-ranks.ts";
import type { RankCount } from "./rank-count.ts";
import type { SolverOutlook } from "./solver-outlook.ts";
import type { SpectrumPoints } from "./spectrum.ts";

/** The singular values of the Jacobian of D F in the inputs, at a batch drawn from the domain: the attacker has no truth. */
export interface JacobianFinding {
  /** `measured`: all of them, by a dense decomposition. `estimated`: the ends and the shape, from a few products. */
  readonly kind: "measured" | "estimated";
  readonly unknowns: number;
  readonly entries: number;
  /** Numerical rank; only where measured. */
  readonly rank?: number;
  /** Singular values above it count towards the rank; where estimated, smaller ones are not told from zero. */
  readonly tolerance: number;
  readonly largest: number;
  /** Where estimated, an upper bound. */
  readonly smallest: number;
  readonly points: SpectrumPoints;
  /** Products with the Jacobian that it took. */
  readonly products: number;
  /** Directions in which noise or rounding, divided by the singular value, moves the data by less than a tenth of its range; only where measured. */
  readonly readable?: number;
  /** Standard deviation of the noise or the rounding of an entry. */
  readonly noiseStd: number;
}

/** What can be known before attacking, from what the attacker has: plain JSON. */
export interface Diagnosis {
  /** One or two sentences that say what is determined, and by which count. */
  readonly summary: string;
  /** Whether the data is determined: `no` is proven by the count for almost every batch, `open` says that nothing excludes it. */
  readonly determined: "no" | "open";
  readonly batch: {
    /** Samples that everything else here was computed for. */
    readonly size: number;
    readonly source: "told" | "ranks" | "assumed";
    readonly finding: BatchFinding;
  };
  /** Whether the data are names from a list, of which few numbers can determine many. */
  readonly discrete?: boolean;
  readonly ranks: readonly LayerRank[];
  readonly count: RankCount;
  /** Largest batch whose inputs the count does not exclude, searched by doubling; 0 where not even one sample is determined. */
  readonly largestCountedBatch: number;
  readonly jacobian?: JacobianFinding;
  /** Why the Jacobian was not looked at; absent where it was. */
  readonly noJacobian?: string;
  readonly solvers: readonly SolverOutlook[];
  /** What attacks of the audit see coming, in their own words; absent where none says anything. */
  readonly foreseen?: readonly { readonly attack: string; readonly what: string }[];
}
