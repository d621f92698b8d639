/** From a start to the most probable input: a coarse fit, a fine one, and, where rounding leaves room for it, an annealed descent beside them. */
import { solveUpper } from "../../linear-algebra/triangular.ts";
import type { Rng } from "../../random.ts";
import { type GeodesicResult, geodesicLevenbergMarquardt } from "../../solvers/geodesic-levenberg-marquardt.ts";
import type { Accuracies, WeightedResiduals } from "./weighted-residuals.ts";

export interface SearchOptions {
  readonly residuals: WeightedResiduals;
  /** Root mean square of every array of the observation. */
  readonly sizes: Accuracies;
  /** Accuracy of the observation. */
  readonly accuracies: Accuracies;
  readonly starts: (attempt: number, rng: Rng) => Float64Array;
  /** Evaluations after which no further linearisation begins. */
  readonly evaluations: number;
  readonly rng: Rng;
  readonly signal: AbortSignal;
}

export interface SearchProgress {
  readonly evaluations: number;
  readonly cost: number;
  readonly stage: string;
}

export interface SearchResult {
  readonly value: Float64Array;
  /** ½‖r‖² at the accuracy of the observation. */
  readonly cost: number;
  readonly ended: string;
}

/** Relative accuracy of the coarse fit, from which almost any start reaches the right valley. */
const coarse = 1e-2;
const coarseIterations = 30;
const fineIterations = 80;
const narrowingLevels = [1e-3, 1e-4, 1e-5, 1e-6];
const narrowingIterations = 10;
const settleIterations = 15;
const settleRounds = 3;
const settledMisfit = 2;
const starts = 3;
/** Misfit below which another start is not worth while: curved valleys end many a fit at a few units of rounding. */
const closeMisfit = 100;
/** Least accuracy for the annealed descent, and how far it goes. */
const annealFrom = 1e-10;

/** Runs the stages; yields progress and returns the point of least cost at the observation's accuracy. */
export async function* search(options: SearchOptions): AsyncGenerator<SearchProgress, SearchResult> {
  const { residuals, sizes, accuracies } = options;
  let best: GeodesicResult | undefined;
  for (let attempt = 0; attempt < starts; attempt++) {
    const found = yield* fromStart(options, attempt);
    if (best === undefined || found.cost < best.cost) best = found;
    if ((await misfitOf(options, best.value)) <= closeMisfit || spent(options)) break;
  }
  const fine = best!;
  const relative = Math.max(...Object.keys(sizes).map((name) => accuracies[name]! / sizes[name]!));
  if (relative >= annealFrom || spent(options)) return { ...fine, ended: ending(fine) };
  const annealed = yield* anneal(options, relative);
  const cost = half(await residuals.residual(annealed, accuracies));
  if (!(cost < fine.cost)) return { ...fine, ended: ending(fine) };
  return { value: annealed, cost, ended: "annealed" };
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

/** Root mean square of the residuals in units of the observation's accuracy: 1 where it is explained. */
async function misfitOf({ residuals, accuracies }: SearchOptions, x: Float64Array): Promise<number> {
  const r = await residuals.residual(x, accuracies);
  return Math.sqrt((2 * half(r)) / r.length);
}

const half = (r: Float64Array): number => r.reduce((total, value) => total + value * value, 0) / 2;

const spent = ({ residuals, evaluations, signal }: SearchOptions): boolean =>
  signal.aborted || residuals.evaluations() >= evaluations;

const ending = ({ ended, inRange }: GeodesicResult): string =>
  `${ended}, ${inRange.toExponential(0)} of the residual within reach of the Jacobian`;

/** Accuracies that are nowhere below a share of the arrays' sizes. */
function atLeast(accuracies: Accuracies, sizes: Accuracies, share: number): Accuracies {
  return Object.fromEntries(
    Object.entries(accuracies).map(([name, value]) => [name, Math.max(value, share * sizes[name]!)]),
  );
}

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
      Object.entries(accuracies).map(([name, value]) => [name, Math.min(coarse * sizes[name]!, value * misfit)]),
    );
    // Hardly damped, so that directions which only the prior holds move at all.
    best = yield* leastSquares(options, best.value, wider, "settling", { iterations: settleIterations, damping: 1 });
  }
  return { ...best, cost: half(await residuals.residual(best.value, accuracies)) };
}

async function* leastSquares(
  { residuals, signal, evaluations }: SearchOptions,
  start: Float64Array,
  accuracies: Accuracies,
  stage: string,
  { iterations, damping }: { readonly iterations: number; readonly damping?: number },
): AsyncGenerator<SearchProgress, GeodesicResult> {
  const each = start.length + 3;
  const left = Math.max(1, Math.floor((evaluations - residuals.evaluations()) / each));
  const run = geodesicLevenbergMarquardt({
    start,
    residual: (x) => residuals.residual(x, accuracies),
    factorise: (x) => residuals.factorise(x, accuracies),
    signal,
    options: {
      iterations: Math.min(iterations, left),
      longest: 0.7,
      ...(damping !== undefined && { damping }),
    },
  });
  for (;;) {
    const step = await run.next();
    if (step.done) return step.value;
    yield { evaluations: residuals.evaluations(), cost: step.value.cost, stage };
  }
}

/**
 * Full Gauss-Newton steps while the accuracy falls from coarse to that of the observation, four a decade, none refused: where most directions carry nothing but
 * rounding, a test of every step would end the descent in its first bend.
 */
async function* anneal(options: SearchOptions, relative: number): AsyncGenerator<SearchProgress, Float64Array> {
  const { residuals, sizes, accuracies } = options;
  let x = options.starts(0, options.rng.split("anneal"));
  let best = { x, cost: Number.POSITIVE_INFINITY };
  for (let level = coarse; level > relative && !spent(options); level /= 10) {
    const weights = atLeast(accuracies, sizes, level);
    for (let step = 0; step < 4; step++) {
      const here = await residuals.factorise(x, weights);
      const move = solveUpper(here.factor, here.project(here.residual));
      x = x.map((value, i) => value - move[i]!);
      if (!x.every((value) => Math.abs(value) < 1e3)) return best.x;
    }
    const cost = half(await residuals.residual(x, accuracies));
    if (cost < best.cost) best = { x, cost };
    yield { evaluations: residuals.evaluations(), cost: best.cost, stage: "annealed descent" };
  }
  return best.x;
}
