import { type Attack, automatic } from "@recon/core";
import { dager } from "./dager/dager.ts";

/** The attacks of this package in the order in which they are worth trying: what recovers texts exactly, then what searches for likely ones. */
export function auto(): Attack {
  return automatic({ exact: [dager()], search: [] });
}
