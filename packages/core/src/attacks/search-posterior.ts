import { ReconError } from "../errors.ts";
import type { Matrix } from "../linear-algebra/matrix.ts";
import type { AttackContext, Flag, Problem, Progress, TracePoint } from "../problem.ts";
import { startTrace } from "../solvers/trace.ts";
import { type PosteriorCurvature, posteriorCurvature } from "./posterior-curvature.ts";
import { type PosteriorDensity, posteriorDensity } from "./posterior-density.ts";
import { climb, distinctModes, type Mode } from "./posterior-modes.ts";
import { densityParts, type PosteriorOptions, startingPoints, targetsOf } from "./posterior-setting.ts";

/** Up to this many unknowns the curvature is a dense matrix; above, its diagonal. */
export const mostDenseUnknowns = 400;

/** Products from which the diagonal of a curvature is estimated. */
const diagonalProbes = 32;

/** The modes that were found, and the means to look further. */
export interface PosteriorSearch {
  /** Best first; at least one. */
  readonly modes: readonly Mode[];
  readonly density: PosteriorDensity;
  readonly curvature: PosteriorCurvature;
  /** The curvature at the best mode, dense or its diagonal. */
  readonly precision: Matrix | Float64Array;
  readonly batch: number;
  readonly given: readonly Flag[];
  readonly trace: readonly TracePoint[];
  readonly starts: number;
  /** Evaluations and products so far, those of the attacks that starts came from included. */
  evaluations(): number;
  dispose(): Promise<void>;
}

/**
 * Looks for the modes of the posterior from every start. The caller disposes of the result.
 *
 * @param copies Points that the density is later evaluated at together.
 * @param share Share of the budget that the search may use, 1 unless given.
 */
export async function* searchPosterior(
  problem: Problem,
  context: AttackContext,
  options: PosteriorOptions,
  { copies = 1, share = 1 }: { readonly copies?: number; readonly share?: number } = {},
): AsyncGenerator<Progress, PosteriorSearch> {
  const targets = targetsOf(problem, options);
  if ("reason" in targets) throw new ReconError("attack-does-not-apply", targets.reason);
  const parts = densityParts(problem, options, targets.target);
  const starts = yield* startingPoints(problem, context, parts, options);
  const density = await posteriorDensity(problem, context.executor, parts, copies);
  const curvature = await posteriorCurvature(problem, context.executor, parts);
  const dense = density.layout.size <= mostDenseUnknowns;
  const before = starts.reduce((total, { evaluations }) => total + evaluations, 0);
  const evaluations = (): number => before + density.evaluations() + curvature.products();
  const allowance = share * context.budget.evaluations;
  const trace = startTrace();
  const found: Mode[] = [];
  for (const [i, { x, from }] of starts.entries()) {
    const ceiling = evaluations() + (allowance - evaluations()) / (starts.length - i);
    // The first start always runs, so that there is a solution.
    if (i > 0 && (context.signal.aborted || ceiling - evaluations() < 1)) break;
    const left = (): number => ceiling - evaluations();
    const mode = await climb(x, { density, curvature: dense ? curvature : undefined, left, signal: context.signal });
    found.push(mode);
    trace.add(evaluations(), mode.value);
    const fraction = Math.min(1, evaluations() / context.budget.evaluations);
    const message = `start ${i + 1} of ${starts.length}, from ${from}`;
    yield { kind: "progress", evaluations: evaluations(), fraction, objective: mode.value, message };
  }
  const [best] = [...found].sort((a, b) => a.value - b.value);
  const precision = dense
    ? await curvature.matrix(best!.x)
    : await curvature.diagonal(best!.x, diagonalProbes, context.rng.split("diagonal"));
  const distinct = distinctModes(found, precision, density);
  return {
    modes: distinct.length > 0 ? distinct : [best!],
    density,
    curvature,
    precision,
    batch: parts.batch,
    given: ["architecture", "weights", "batchSize", "defenceParams", ...targets.given],
    trace: trace.points(),
    starts: found.length,
    evaluations,
    dispose: async () => {
      await density.dispose();
      await curvature.dispose();
    },
  };
}
