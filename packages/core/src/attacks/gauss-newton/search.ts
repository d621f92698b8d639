/** From a start to the most probable input: a coarse fit and a fine one, or, where float64 leaves room for it, a descent through all accuracies. */
import type { GeodesicResult } from "../../solvers/geodesic-levenberg-marquardt.ts";
import { descend } from "./descent.ts";
import {
  atLeast,
  coarse,
  fineIterations,
  half,
  leastSquares,
  misfitOf,
  relativeAccuracy,
  type SearchOptions,
  type SearchProgress,
  settledMisfit,
  spent,
} from "./stages.ts";

export type { SearchProgress } from "./stages.ts";

export interface SearchResult {
  readonly value: Float64Array;
  /** ½‖r‖² at the accuracy of the observation. */
  readonly cost: number;
  readonly ended: string;
}

const coarseIterations = 30;
const narrowingLevels = [1e-3, 1e-4, 1e-5, 1e-6];
const narrowingIterations = 10;
const settleIterations = 15;
const settleRounds = 3;
const starts = 3;
/** Misfit below which another start is not worth while: curved valleys end many a fit at a few units of rounding. */
const closeMisfit = 100;
/** Relative accuracy below which the way from the coarse fit to the fine one is too long for one. */
const descendBelow = 1e-10;

/** Runs the stages; yields progress and returns the point of least cost at the observation's accuracy. */
export async function* search(options: SearchOptions): AsyncGenerator<SearchProgress, SearchResult> {
  if (relativeAccuracy(options) < descendBelow) return ended(yield* descend(options));
  let best: GeodesicResult | undefined;
  for (let attempt = 0; attempt < starts; attempt++) {
    const found = yield* fromStart(options, attempt);
    if (best === undefined || found.cost < best.cost) best = found;
    if ((await misfitOf(options, best.value)) <= closeMisfit || spent(options)) break;
  }
  return ended(best!);
}

/** A coarse fit, a fine one, and what only the prior holds set back to it. */
async function* fromStart(options: SearchOptions, attempt: number): AsyncGenerator<SearchProgress, GeodesicResult> {
  const start = options.starts(attempt, options.rng.split(`start ${attempt}`));
  const wide = atLeast(options.accuracies, options.sizes, coarse);
  const which = attempt === 0 ? "" : `, start ${attempt + 1}`;
  const rough = yield* leastSquares(options, start, wide, `coarse fit${which}`, { iterations: coarseIterations });
  if (spent(options))
    return { ...rough, cost: half(await options.residuals.residual(rough.value, options.accuracies)) };
  const fine = yield* leastSquares(options, rough.value, options.accuracies, `fine fit${which}`, {
    iterations: fineIterations,
  });
  const misfit = await misfitOf(options, fine.value);
  if (misfit <= settledMisfit || misfit > closeMisfit || spent(options)) return yield* settle(options, fine);
  const gradual = yield* narrowing(options, rough.value, which);
  return yield* settle(options, gradual.cost < fine.cost ? gradual : fine);
}

/**
 * From the coarse fit to the fine one by tens: slower than at once, and led astray elsewhere. A valley that bends early for the one bends late for the other.
 */
async function* narrowing(
  options: SearchOptions,
  start: Float64Array,
  which: string,
): AsyncGenerator<SearchProgress, GeodesicResult> {
  const { accuracies, sizes } = options;
  let x = start;
  for (const level of narrowingLevels) {
    const wide = atLeast(accuracies, sizes, level);
    ({ value: x } = yield* leastSquares(options, x, wide, `narrowing${which}`, { iterations: narrowingIterations }));
  }
  return yield* leastSquares(options, x, accuracies, `narrowing${which}`, { iterations: fineIterations });
}

const ended = (found: GeodesicResult): SearchResult => ({
  ...found,
  ended: `${found.ended}, ${found.inRange.toExponential(0)} of the residual within reach of the Jacobian`,
});

/**
 * A fit that ended before it explained the observation to its accuracy has moved along directions that the observation hardly sees, on its way in those that it
 * does. At the accuracy that it did reach, those go back to where the prior wants them.
 */
async function* settle(options: SearchOptions, found: GeodesicResult): AsyncGenerator<SearchProgress, GeodesicResult> {
  const { residuals, accuracies, sizes } = options;
  let best = found;
  for (let round = 0; round < settleRounds && !spent(options); round++) {
    const misfit = await misfitOf(options, best.value);
    if (!(misfit > settledMisfit)) break;
    const wider = Object.fromEntries(
      Object.entries(accuracies).map(([name, values]) => [
        name,
        values.map((value) => Math.max(value, Math.min(coarse * sizes[name]!, value * misfit))),
      ]),
    );
    // Hardly damped, so that directions which only the prior holds move at all.
    best = yield* leastSquares(options, best.value, wider, "settling", { iterations: settleIterations, damping: 1 });
  }
  return { ...best, cost: half(await residuals.residual(best.value, accuracies)) };
}
