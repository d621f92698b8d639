import { abs, greater, mul, toFloat } from "@recon/engine";
import { ReconError } from "../errors.ts";
import { oneMinusCosine } from "./angle.ts";
import type { Discrepancy } from "./discrepancy.ts";
import { pairsOf } from "./pairs.ts";

/**
 * d = 1 − ⟨g, o⟩ / (‖g‖ ‖o‖) with all tensors as one vector: blind to scale, in [0, 2].
 *
 * @see Geiping et al., Inverting Gradients, NeurIPS 2020, equation 4.
 */
export function cosine(): Discrepancy {
  return {
    name: "cosine",
    options: {},
    distance: (candidate, observed) => {
      const pairs = pairsOf(candidate, observed);
      return oneMinusCosine(
        pairs.map((pair) => pair.candidate),
        pairs.map((pair) => pair.observed),
      );
    },
  };
}

export interface MaskedCosineOptions {
  /** Entries of the observation at most this large in magnitude are left out on both sides. */
  readonly threshold?: number;
}

/** The cosine over the entries with |o| > threshold: for pruned observations, whose zeros say little. @throws ReconError `bad-option`. */
export function maskedCosine({ threshold = 1e-6 }: MaskedCosineOptions = {}): Discrepancy {
  if (!(threshold >= 0 && Number.isFinite(threshold))) {
    throw new ReconError(
      "bad-option",
      `Option "threshold" of maskedCosine must be a number of at least 0, not ${threshold}.`,
    );
  }
  return {
    name: "masked-cosine",
    options: { threshold },
    distance: (candidate, observed) => {
      const pairs = pairsOf(candidate, observed);
      const masks = pairs.map((pair) => toFloat(greater(abs(pair.observed), threshold)));
      return oneMinusCosine(
        pairs.map((pair, i) => mul(pair.candidate, masks[i]!)),
        pairs.map((pair, i) => mul(pair.observed, masks[i]!)),
      );
    },
  };
}
