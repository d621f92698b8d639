import { type Attack, automatic, exactAttacks, fedavg, type Prior } from "@recon/core";
import { totalVariation } from "../priors/total-variation.ts";
import { invertingGradients } from "./inverting-gradients.ts";
import { maximumAPosteriori } from "./maximum-a-posteriori.ts";

/** Closed forms first, then the search that fits: through the steps of local training, by the likelihood that the channel states, else by the cosine. */
export function auto(priors: readonly Prior[] = []): Attack {
  return automatic({
    exact: exactAttacks(),
    search: [
      fedavg({ only: "search" }, priors.length > 0 ? priors : [totalVariation({ weight: 0.05 })]),
      maximumAPosteriori({}, priors),
      invertingGradients({}, priors),
    ],
  });
}
