import {
  type Attack,
  automatic,
  type EnergyPrior,
  exactAttacks,
  fedavg,
  gaussian,
  gaussNewton,
  maximumAPosteriori,
  type Prior,
} from "@recon/core";
import { temporalRecursion } from "./temporal-recursion.ts";
import { tsInverse } from "./ts-inverse.ts";

/** What is said of a value on [0, 1] where no prior is given. */
const wide = { mean: 0.5, std: 0.3 };

/**
 * Diagnosis, then what can be solved, then the first search that applies: one sample by least squares with the whole Jacobian, a change of weights through the steps
 * of local training, a batch by the likelihood of its channel where that states one, else by the L1 distance of gradients.
 *
 * @param priors those that can be drawn from stand in the first searches.
 */
export function auto(priors: readonly Prior[] = []): Attack {
  const proper = priors.filter((one): one is EnergyPrior => one.kind === "energy" && one.sample !== undefined);
  return automatic({
    exact: [...exactAttacks(), temporalRecursion()],
    search: [
      gaussNewton({}, proper),
      fedavg({ only: "search" }, priors),
      likeliest(proper[0] ?? gaussian(wide)),
      tsInverse({}, priors),
    ],
  });
}

/** Under a prior of the whole curve targets belong to it. A density with heavy tails has many maxima: its search starts from the only one of the quadratic energy in its place. */
function likeliest(prior: EnergyPrior): Attack {
  return maximumAPosteriori({
    prior,
    targetPrior: prior.jointEnergy === undefined ? gaussian(wide) : "joint",
    ...(prior.quadratic && { from: [likeliest(prior.quadratic())] }),
  });
}
