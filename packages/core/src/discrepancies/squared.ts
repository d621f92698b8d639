import { add, mul, square, sub, sum, type Tensor } from "@recon/engine";
import type { Discrepancy } from "./discrepancy.ts";
import { pairsOf } from "./pairs.ts";

/** d = ½ Σₗ ‖gₗ − oₗ‖². Sensitive to scale. @see Zhu, Liu and Han, Deep Leakage from Gradients, NeurIPS 2019, equation 2. */
export function squared(): Discrepancy {
  return {
    name: "squared",
    options: {},
    distance: (candidate, observed) => {
      const parts = pairsOf(candidate, observed).map((pair): Tensor => sum(square(sub(pair.candidate, pair.observed))));
      return mul(
        parts.reduce((total, part) => add(total, part)),
        0.5,
      );
    },
  };
}
