import { abs, add, mul, square, sub, sum } from "@recon/engine";
import { ReconError } from "../errors.ts";
import type { Discrepancy } from "./discrepancy.ts";
import { layerWeights } from "./layer-weights.ts";
import { pairsOf } from "./pairs.ts";

export interface TagOptions {
  /** a, what the absolute differences count beside the squared ones. */
  readonly amount?: number;
}

/**
 * d = ½ ( Σₗ ‖gₗ − oₗ‖² + a Σₗ wₗ ‖gₗ − oₗ‖₁ ), w falling linearly from 1 at the first tensor.
 *
 * @see Deng et al., TAG: Gradient Attack on Transformer-based Language Models, Findings of EMNLP 2021.
 * @throws ReconError `bad-option` when a is negative or not finite.
 */
export function tag({ amount = 0.1 }: TagOptions = {}): Discrepancy {
  if (!(amount >= 0 && Number.isFinite(amount))) {
    throw new ReconError("bad-option", `Option "amount" of tag must be a number of at least 0, not ${amount}.`);
  }
  return {
    name: "tag",
    options: { amount },
    distance: (candidate, observed) => {
      const pairs = pairsOf(candidate, observed);
      const weights = layerWeights("linear", pairs.length);
      const parts = pairs.map((pair, l) => {
        const difference = sub(pair.candidate, pair.observed);
        return add(sum(square(difference)), mul(sum(abs(difference)), amount * weights[l]!));
      });
      return mul(
        parts.reduce((total, part) => add(total, part)),
        0.5,
      );
    },
  };
}
