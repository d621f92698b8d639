import {
  type Attack,
  automatic,
  type EnergyPrior,
  exactAttacks,
  gaussian,
  maximumAPosteriori,
  type Prior,
} from "@recon/core";
import { tsInverse } from "./ts-inverse.ts";

/** What is said of a value on [0, 1] where no prior is given. */
const wide = { mean: 0.5, std: 0.3 };

/** Diagnosis, then what can be solved, then a search that fits the channel: by its likelihood where it states one, else by the L1 distance of gradients. */
export function auto(priors: readonly Prior[] = []): Attack {
  const prior = priors.find((one): one is EnergyPrior => one.kind === "energy") ?? gaussian(wide);
  return automatic({
    exact: exactAttacks(),
    search: [maximumAPosteriori({ prior, targetPrior: gaussian(wide) }), tsInverse({}, priors)],
  });
}
