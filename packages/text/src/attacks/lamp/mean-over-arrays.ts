import type { Discrepancy } from "@recon/core";
import { mul } from "@recon/engine";

/** A discrepancy that sums over the arrays of an observation, as their mean: weights of other terms then mean the same for models of any depth. */
export function meanOverArrays({ name, options, distance }: Discrepancy): Discrepancy {
  return {
    name: `${name}, mean`,
    options,
    distance: (candidate, observed) => mul(distance(candidate, observed), 1 / Object.keys(observed).length),
  };
}
