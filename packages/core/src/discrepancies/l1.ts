import { abs, add, mul, sub, sum, type Tensor } from "@recon/engine";
import type { Discrepancy } from "./discrepancy.ts";
import { pairsOf } from "./pairs.ts";

/** d = ½ Σₗ ‖gₗ − oₗ‖₁, the likelihood of Laplace noise up to scale. */
export function l1(): Discrepancy {
  return {
    name: "l1",
    options: {},
    distance: (candidate, observed) => {
      const parts = pairsOf(candidate, observed).map((pair): Tensor => sum(abs(sub(pair.candidate, pair.observed))));
      return mul(
        parts.reduce((total, part) => add(total, part)),
        0.5,
      );
    },
  };
}
