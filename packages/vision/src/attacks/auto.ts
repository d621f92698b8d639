import { type Attack, automatic, exactAttacks, type Prior } from "@recon/core";
import { invertingGradients } from "./inverting-gradients.ts";
import { maximumAPosteriori } from "./maximum-a-posteriori.ts";

/** Closed forms first, then the search that fits the channel: its likelihood where it states one, else the cosine. */
export function auto(priors: readonly Prior[] = []): Attack {
  return automatic({
    exact: exactAttacks(),
    search: [maximumAPosteriori({}, priors), invertingGradients({}, priors)],
  });
}
