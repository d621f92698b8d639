/** Descents from a coarse accuracy to that of float64, where most directions carry nothing but rounding until the last. */
import { solveUpper } from "../../linear-algebra/triangular.ts";
import type { GeodesicResult } from "../../solvers/geodesic-levenberg-marquardt.ts";
import {
  atLeast,
  coarse,
  coarser,
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

/** Full steps at one accuracy, and the cost at which they have left the path of minima. */
const fullSteps = 4;
const astray = 1e6;
/** A guarded descent: the fall from one accuracy to the next, linearisations at each, and accuracies from which a fine fit is tried. */
const fall = Math.sqrt(10);
const guardedIterations = 10;
const fineFrom = [1e-6, 1e-8];
/** How much coarser than what was reached the returns from a bend are. */
const returns = [1, 30, 1000, 1, 30, 1000];
const returnIterations = 15;

/**
 * The best of the fits at the end of a descent by full steps and, where that goes astray or does not explain the observation, of fits that leave a guarded descent at
 * two accuracies. The fits end in different bends of one valley, and the cost tells which came farthest.
 */
export async function* descend(options: SearchOptions): AsyncGenerator<SearchProgress, GeodesicResult> {
  const x = yield* fullDescent(options);
  let best = yield* fineFit(options, x ?? options.starts(0, options.rng.split("descent")));
  if ((await misfitOf(options, best.value)) <= settledMisfit) return best;
  let from = options.starts(0, options.rng.split("descent"));
  let level = coarse;
  for (const end of fineFrom) {
    for (; level > 0.9 * end && !spent(options); level /= fall) {
      ({ value: from } = yield* guardedFit(options, from, level));
    }
    if (spent(options)) break;
    const fine = yield* fineFit(options, from);
    if (fine.cost < best.cost) best = fine;
  }
  return yield* climbBack(options, best);
}

/**
 * Fits that end in a bend have moved along directions that the observation hardly sees. At the accuracy that was reached, and at coarser ones, those go back to where
 * the prior wants them, and the next fine fit comes by another way.
 */
async function* climbBack(
  options: SearchOptions,
  found: GeodesicResult,
): AsyncGenerator<SearchProgress, GeodesicResult> {
  let best = found;
  for (const factor of returns) {
    const misfit = await misfitOf(options, best.value);
    if (misfit <= settledMisfit || spent(options)) break;
    const wider = coarser(options.accuracies, misfit * factor);
    const { value } = yield* leastSquares(options, best.value, wider, "return", {
      iterations: returnIterations,
      damping: 1,
    });
    const fine = yield* fineFit(options, value);
    if (fine.cost < best.cost) best = fine;
  }
  return best;
}

const fineFit = (options: SearchOptions, from: Float64Array): AsyncGenerator<SearchProgress, GeodesicResult> =>
  leastSquares(options, from, options.accuracies, "fine fit", { iterations: fineIterations });

/** Hardly damped, so that what an accuracy newly shows moves at once. */
function guardedFit(
  options: SearchOptions,
  from: Float64Array,
  level: number,
): AsyncGenerator<SearchProgress, GeodesicResult> {
  const accuracies = atLeast(options.accuracies, options.sizes, level);
  return leastSquares(options, from, accuracies, `descent, ${level.toExponential(0)}`, {
    iterations: guardedIterations,
    damping: 1,
  });
}

/**
 * Full Gauss-Newton steps while the accuracy falls tenfold after every four of them, none refused: a test of every step would end the descent in its first bend.
 * Undefined where they go astray, which they do for good.
 */
async function* fullDescent(options: SearchOptions): AsyncGenerator<SearchProgress, Float64Array | undefined> {
  const { residuals, accuracies, sizes } = options;
  const relative = relativeAccuracy(options);
  let x = options.starts(0, options.rng.split("descent"));
  for (let level = coarse; level > relative && !spent(options); level /= 10) {
    const weights = atLeast(accuracies, sizes, level);
    for (let step = 0; step < fullSteps; step++) {
      const here = await residuals.factorise(x, weights);
      const move = solveUpper(here.factor, here.project(here.residual));
      x = x.map((value, i) => value - move[i]!);
    }
    const cost = half(await residuals.residual(x, weights));
    if (!(cost < astray)) return undefined;
    yield { evaluations: residuals.evaluations(), cost, stage: `full steps, ${level.toExponential(0)}` };
  }
  return x;
}
