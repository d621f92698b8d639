import type { Metric } from "@recon/core";
import { idsOf } from "../ids.ts";

/** Places of the truth with the right id, over the longer of the two lengths: Σₜ [âₜ = aₜ] / max(|â|, |a|). */
export function tokenAccuracy(): Metric {
  return {
    name: "token_accuracy",
    unit: "",
    better: "higher",
    perfect: 1,
    invariances: [],
    score: (estimate, truth) => {
      const [found, wanted] = [idsOf(estimate), idsOf(truth)];
      const right = wanted.filter((id, t) => found[t] === id).length;
      return right / Math.max(found.length, wanted.length, 1);
    },
  };
}
