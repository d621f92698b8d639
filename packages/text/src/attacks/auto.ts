import { type Attack, automatic, type Prior } from "@recon/core";
import { dager } from "./dager/dager.ts";
import { lamp } from "./lamp.ts";

/** The attacks of this package in the order in which they are worth trying: what recovers texts exactly, then what searches for likely ones. */
export function auto(priors: readonly Prior[] = []): Attack {
  return automatic({ exact: [dager()], search: [lamp({}, priors)] });
}
