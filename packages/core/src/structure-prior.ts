/** The nouns of priors over structures: types only. */
import type { NdArray, Shape } from "@recon/engine";
import type { Domain } from "./domain.ts";
import type { Json } from "./problem.ts";
import type { Rng } from "./random.ts";

/** A distribution over discrete structures between which nothing lies: whole ones are ranked, and parts of them exchanged. What a structure is, the domain says. */
export interface StructurePrior {
  readonly kind: "structure";
  readonly name: string;
  readonly options: Json;
  /** Read or fitted when it is first asked for, and kept. Throws `ReconError` for a domain of other things. */
  scorer(domain: Domain): Promise<StructureScorer>;
}

/** Scores items without a batch axis, in nats. */
export interface StructureScorer {
  /** log p(item) up to a constant that all items of one shape share; −∞ where it cannot exist. */
  logProbability(item: NdArray): number;
  /** Items that differ from this one in one part, a row of the array, the most probable first. The item itself need not be able to exist. */
  alternatives(item: NdArray, part: number): readonly Alternative[];
  /** A draw of the given shape. It can exist. */
  sample(shape: Shape, rng: Rng): NdArray;
}

/** An item with another part, or the same, in place of one of its own. */
export interface Alternative {
  readonly item: NdArray;
  /** log p(this item) up to a constant that all alternatives of one part share. */
  readonly logProbability: number;
}
