import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import { matrixVector, norm } from "../../linear-algebra/vector.ts";
import type { Rng } from "../../random.ts";
import { type LevenbergMarquardtResult, levenbergMarquardt } from "../../solvers/levenberg-marquardt.ts";
import type { InputEquations } from "./input-equations.ts";
import type { SpanCoordinates } from "./span-coordinates.ts";

/** Where a search for the inputs of a cut layer starts, and when it ends. */
export interface InputSearchOptions {
  readonly samples: number;
  /** c [B, n] to start at before all others. */
  readonly first?: Matrix | undefined;
  /** Inputs that data of the same sort would have [S, n], in the span's coordinates: starts are drawn among them. Random points unless given. */
  readonly likely?: Matrix;
  /** Starts. */
  readonly restarts: number;
  /** Whether a point is good enough to end the search. */
  readonly settles: (c: Matrix, residual: number) => Promise<boolean>;
  readonly product: MatrixProduct;
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
}

/** The equations of a layer, and those that a search is led by: the same, or those of some of its neurons. */
export interface SearchedEquations {
  readonly some: InputEquations;
  readonly all: InputEquations;
}

/** The best point of a search. */
export interface FoundInputs {
  /** c [B, n]. */
  readonly inputs: Matrix;
  /** Norm of the equations' residual there, every sum of the gradients in units of its norm. */
  readonly residual: number;
  readonly starts: number;
  readonly iterations: number;
  readonly settled: boolean;
}

/** Squared residual that is rounding alone. */
const rounding = 1e-28;

/**
 * Levenberg–Marquardt on the equations for a cut layer's inputs, from several starts in their span: B · n unknowns whatever the width of the layer.
 *
 * Every second start is drawn among likely inputs, where these are given; the others are normal about the point nearest to zero, each at a scale of its own.
 */
export async function searchInputs(
  { some, all }: SearchedEquations,
  coordinates: SpanCoordinates,
  options: InputSearchOptions,
): Promise<FoundInputs | undefined> {
  const { samples, first, restarts, settles, rng, signal } = options;
  const starts = [...(first === undefined ? [] : [coordinates.of(first)]), ...Array<undefined>(restarts)];
  let best: FoundInputs | undefined;
  let iterations = 0;
  for (const [start, given] of starts.entries()) {
    if (signal?.aborted) break;
    const from = given ?? startingPoint(coordinates, options, start, rng.split(`start ${start}`));
    let found = await descend(some, coordinates, from, options);
    if (all !== some) found = await descend(all, coordinates, found.value, options);
    iterations += found.iterations;
    const inputs = coordinates.inputsOf(found.value, samples);
    const residual = Math.sqrt(found.cost);
    if (best !== undefined && !(residual < best.residual)) continue;
    const settled = await settles(inputs, residual);
    best = { inputs, residual, starts: start + 1, iterations, settled };
    if (settled) break;
  }
  return best && { ...best, iterations };
}

function descend(
  equations: InputEquations,
  coordinates: SpanCoordinates,
  start: Float64Array,
  { samples, product, signal }: InputSearchOptions,
): Promise<LevenbergMarquardtResult> {
  return levenbergMarquardt({
    start,
    cost: async (q) => squared(await equations.residual(coordinates.inputsOf(q, samples))),
    linearise: async (q) => {
      const { residual, turned } = await equations.linearise(coordinates.inputsOf(q, samples), coordinates.directions);
      return {
        cost: squared(residual),
        normal: await product(turned, turned, { transposeB: true }),
        gradient: matrixVector(turned, residual),
      };
    },
    product,
    signal,
    options: { iterations: 200, progress: 1e-6, tolerance: rounding, damping: 1e-2 },
  });
}

function startingPoint(
  coordinates: SpanCoordinates,
  { samples, likely }: InputSearchOptions,
  start: number,
  rng: Rng,
): Float64Array {
  if (likely !== undefined && start % 2 === 0) {
    const rows = matrix(samples, likely.cols);
    for (let i = 0; i < samples; i++) {
      const from = rng.integer(likely.rows) * likely.cols;
      rows.data.set(likely.data.subarray(from, from + likely.cols), i * likely.cols);
    }
    return coordinates.of(rows);
  }
  const scale = (coordinates.length * 10 ** (2.5 * rng.uniform() - 2)) / Math.sqrt(coordinates.directions.cols);
  return Float64Array.from({ length: samples * coordinates.directions.cols }, () => scale * rng.normal());
}

const squared = (residual: Float64Array): number => norm(residual) ** 2;
