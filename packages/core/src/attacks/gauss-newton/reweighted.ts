/** Priors that are not quadratic, by a sequence of those that are. */
import type { QuadraticPrior } from "./quadratic-prior.ts";
import type { SearchProgress, SearchResult } from "./search.ts";
import { coarser, half, leastSquares, misfitOf, type SearchOptions, spent } from "./stages.ts";

const rounds = 8;
const iterations = 4;
/** Change of an unknown below which the sequence has ended. */
const settled = 1e-4;

/**
 * Minimises the cost under an energy R by majorisation: round after round with the quadratic energy that touches R at the last point and is nowhere below it, so that no round
 * raises the cost. At the accuracy that the search reached, where it ended above that of the observation.
 *
 * @see K. Lange, "MM Optimization Algorithms", SIAM 2016, chapter 4.
 */
export async function* reweighted(
  options: SearchOptions,
  found: SearchResult,
  priorAt: (x: Float64Array) => Promise<QuadraticPrior>,
): AsyncGenerator<SearchProgress, SearchResult> {
  const { residuals, accuracies } = options;
  const wider = coarser(accuracies, Math.max(1, await misfitOf(options, found.value)));
  let { value } = found;
  for (let round = 0; round < rounds && !spent(options); round++) {
    residuals.setPrior(await priorAt(value));
    const before = value;
    ({ value } = yield* leastSquares(options, before, wider, "tails of the prior", { iterations, damping: 1e-2 }));
    if (value.every((entry, i) => Math.abs(entry - before[i]!) < settled)) break;
  }
  return { value, cost: half(await residuals.residual(value, accuracies)), ended: found.ended };
}
