import { ReconError } from "../../errors.ts";
import { requireNoise } from "../ranges.ts";

/** Independent Gaussian noise on the entries of an observation, and which entries arrive at all. */
export interface EntryNoise {
  /** σ > 0: one for all entries, or one each. */
  readonly std: number | ArrayLike<number>;
  /** 0 where an entry was pruned and says nothing, 1 elsewhere; all arrive unless given. */
  readonly mask?: ArrayLike<number>;
}

/**
 * 1/σ² of every entry, 0 where it was pruned: the diagonal of Σ⁻¹ of the masked Jacobian.
 *
 * @throws ReconError `no-noise` where an entry that arrives has no noise; `shape`; `nothing-left` when every entry is pruned.
 */
export function entryPrecision({ std, mask }: EntryNoise, entries: number): Float64Array {
  for (const [what, given] of [
    ["standard deviations", typeof std === "number" ? undefined : std],
    ["entries of the mask", mask],
  ] as const) {
    if (given !== undefined && given.length !== entries) {
      throw new ReconError("shape", `${given.length} ${what} do not fit an observation of ${entries} entries.`);
    }
  }
  const precision = Float64Array.from({ length: entries }, (_, k) => {
    if (mask !== undefined && mask[k]! === 0) return 0;
    const deviation = typeof std === "number" ? std : std[k]!;
    requireNoise(`standard deviation of the noise on entry ${k}`, deviation);
    return 1 / deviation ** 2;
  });
  if (!precision.some((value) => value > 0)) {
    throw new ReconError(
      "nothing-left",
      "Every entry is pruned, so the observation says nothing. Lower the pruning rate below 1.",
    );
  }
  return precision;
}

/** What bounds with a mask rest on besides. */
export const maskAssumption =
  "The mask does not depend on the data; one chosen by magnitude gives some of it away, which the bound does not count.";
