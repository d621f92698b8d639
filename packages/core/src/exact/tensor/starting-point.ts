import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { norm } from "../../linear-algebra/vector.ts";
import type { BlockEquations } from "./block-fit.ts";
import { type CotangentFit, fitCotangents } from "./cotangent-fit.ts";

/** What is known of the samples besides their directions. */
export interface StartOptions {
  /** Length of every sample with its sign where the direction shows it, as the bias does: cᵢ = scaleᵢ · directionᵢ. */
  readonly scales?: Float64Array;
  /** One length for all samples, where it is told; otherwise it is searched for. */
  readonly length?: number;
  /** Whether −x with −r has the same gradients, as for an odd activation: then no sign is looked for. */
  readonly signOpen: boolean;
}

/** Coordinates and cotangents with which the gradients roughly agree. */
export interface StartingPoint extends CotangentFit {
  readonly coordinates: Matrix;
}

/** Lengths tried, in units of the weights' inverse standard deviation: pre-activations from a quarter to sixteen. */
const lengths = Array.from({ length: 13 }, (_, k) => 0.25 * Math.SQRT2 ** k);

/**
 * Lengths, signs and cotangents for the directions of a decomposition, by least squares on the gradients themselves.
 *
 * Every direction enters with both signs and the larger cotangent wins; the common length is the one that leaves the least misfit. Nothing in it
 * depends on which moments gave the directions.
 *
 * @param directions unit vectors in the span as rows [B, B]
 */
export async function startingPoint(
  equations: BlockEquations,
  directions: Matrix,
  { scales, length, signOpen }: StartOptions,
): Promise<StartingPoint> {
  if (scales !== undefined)
    return at(
      equations,
      scaled(directions, (i) => scales[i]!),
    );
  const { weights } = equations;
  const deviation = norm(weights.data) / Math.sqrt(weights.data.length);
  const candidates = length === undefined ? lengths.map((value) => value / deviation) : [length];
  let best: StartingPoint | undefined;
  for (const candidate of candidates) {
    const found = await withSigns(equations, directions, candidate, signOpen);
    if (best === undefined || found.residual < best.residual) best = found;
  }
  return best!;
}

async function withSigns(
  equations: BlockEquations,
  directions: Matrix,
  length: number,
  signOpen: boolean,
): Promise<StartingPoint> {
  const count = directions.rows;
  if (signOpen)
    return at(
      equations,
      scaled(directions, () => length),
    );
  const both = matrix(2 * count, directions.cols);
  both.data.set(scaled(directions, () => length).data);
  both.data.set(scaled(directions, () => -length).data, count * directions.cols);
  const { cotangents } = await fitCotangents(equations, both);
  const size = (i: number): number => norm(cotangents.data.subarray(i * cotangents.cols, (i + 1) * cotangents.cols));
  return at(
    equations,
    scaled(directions, (i) => (size(i) >= size(count + i) ? length : -length)),
  );
}

async function at(equations: BlockEquations, coordinates: Matrix): Promise<StartingPoint> {
  return { coordinates, ...(await fitCotangents(equations, coordinates)) };
}

function scaled(directions: Matrix, scale: (row: number) => number): Matrix {
  const { rows, cols, data } = directions;
  return matrix(
    rows,
    cols,
    data.map((value, at) => value * scale(Math.floor(at / cols))),
  );
}
