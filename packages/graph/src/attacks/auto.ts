import { type Attack, automatic, exactAttacks, type Prior } from "@recon/core";
import { grain } from "./grain.ts";
import { graphMi } from "./graph-mi.ts";
import { relaxed } from "./relaxed.ts";

/**
 * The attacks of this package in the order in which they are worth trying: what recovers a graph exactly, then what ranks the edges that a network of nodes was trained on, or what searches between
 * graphs.
 *
 * @param priors those over structures help the search.
 */
export function auto(priors: readonly Prior[] = []): Attack {
  return automatic({ exact: [...exactAttacks(), grain()], search: [graphMi(), relaxed({}, priors)] });
}
