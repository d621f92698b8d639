import {
  type Attack,
  automatic,
  exactAttacks,
  gaussian,
  gaussNewton,
  maximumAPosteriori,
  type Prior,
} from "@recon/core";
import { tsInverse } from "./ts-inverse.ts";

/** What is said of a value on [0, 1] where no prior is given. */
const wide = { mean: 0.5, std: 0.3 };

/**
 * Diagnosis, then what can be solved, then the first search that applies: by the likelihood of a channel that states one, for one window by least squares with the
 * whole Jacobian, else by the L1 distance of gradients. Least squares takes those of the priors that can be drawn from, which are densities.
 */
export function auto(priors: readonly Prior[] = []): Attack {
  const energies = priors.filter((one) => one.kind === "energy");
  const prior = energies[0] ?? gaussian(wide);
  const densities = energies.filter(({ sample }) => sample !== undefined);
  return automatic({
    exact: exactAttacks(),
    search: [
      maximumAPosteriori({ prior, targetPrior: gaussian(wide) }),
      gaussNewton({}, densities),
      tsInverse({}, priors),
    ],
  });
}
