import { type Attack, applicable, automatic, exactAttacks, type Prior } from "@recon/core";
import { grain } from "./grain.ts";
import { graphMi } from "./graph-mi.ts";
import { priorOnly } from "./prior-only.ts";
import { relaxed } from "./relaxed.ts";

/**
 * The attacks of this package in the order in which they are worth trying: what recovers a graph exactly, then what ranks the edges that a network of nodes was trained on, or what searches between
 * graphs. Where neither can start, as for several graphs of which no size is told, molecules are drawn from the prior alone; the explanation says so.
 *
 * @param priors those over structures help the search.
 */
export function auto(priors: readonly Prior[] = []): Attack {
  const exact = grain({}, priors);
  const drawing = priorOnly(priors);
  return automatic({
    exact: [...exactAttacks(), exact],
    search: [
      graphMi(),
      relaxed({}, priors),
      {
        ...drawing,
        // What grain found, or its guess, looked at the observation at least.
        applies: (problem) =>
          applicable(exact, problem) === true
            ? { reason: "what grain found stands, or its guess" }
            : drawing.applies(problem),
      },
    ],
  });
}
