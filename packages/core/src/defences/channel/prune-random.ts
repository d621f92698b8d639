import type { Channel, Defence } from "../../problem.ts";
import { refuseOtherOptions, shareOption } from "../options.ts";
import { mapBounds } from "./entry-bounds.ts";
import { masked, visibleMask } from "./mask.ts";
import { mapArrays } from "./whole-observation.ts";

export interface PruneRandomOptions {
  /** p, the probability with which an entry is set to zero; 0 is the identity, 1 removes everything. */
  readonly rate: number;
}

/**
 * Sets every entry to zero with probability p, independently of the others and of its value: y = g ⊙ m, m ~ Bernoulli(1 − p).
 *
 * The mask is visible as exact zeros. Survivors are exact and are not scaled up, and nothing is said of the rest.
 *
 * @throws ReconError `bad-option` unless 0 ≤ p ≤ 1.
 */
export function pruneRandom(options: PruneRandomOptions): Defence {
  refuseOtherOptions("prune-random", options, ["rate"]);
  const rate = shareOption("prune-random", "rate", options.rate);
  const channel: Channel = {
    apply: (clean, rng) => mapArrays(clean, (value) => (rng.uniform() < rate ? 0 : value)),
    known: (clean, observed) => (observed === undefined || rate === 0 ? clean : masked(clean, observed)),
    noiseStd: () => 0,
    visible: (observed) => (rate > 0 ? visibleMask(observed) : {}),
    preimage: (output) =>
      rate === 0
        ? output
        : mapBounds(output, () => (low, high) => (low <= 0 && high >= 0 ? [-Infinity, Infinity] : [low, high])),
  };
  return { name: "prune-random", options: { rate }, channel };
}
