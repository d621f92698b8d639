import type { NdArray } from "@recon/engine";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { qr } from "../../linear-algebra/qr.ts";
import { innerProduct, matrixVector, norm } from "../../linear-algebra/vector.ts";
import type { Rng } from "../../random.ts";
import { levenbergMarquardt } from "../../solvers/levenberg-marquardt.ts";
import type { CutLayer } from "./input-equations.ts";
import type { SpanCoordinates } from "./span-coordinates.ts";

/** Where a search for single inputs starts, and when it ends. */
export interface OneByOneOptions {
  /** One sample's target [1, ...]. */
  readonly target: NdArray;
  /** Inputs that data of the same sort would have [S, n], in the span's coordinates. Random points unless given. */
  readonly likely?: Matrix;
  /** Inputs of other targets, which need not be found again. */
  readonly known: readonly SingleInput[];
  /** Number of inputs, the known ones among them, at which the search ends. */
  readonly enough: number;
  /** Share of δ outside of the space of errors above which a point is no input. */
  readonly tolerance: number;
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
}

/** An input whose error at the layer lies in the space that the gradient shows. */
export interface SingleInput {
  /** q [n − 1]. */
  readonly at: Float64Array;
  /** ‖(I − P) δ‖ / ‖δ‖ there. */
  readonly residual: number;
  /** JᵀJ of these equations. */
  readonly normal: Matrix;
}

/** Descents in a row without a new input, for every input that is looked for, after which there are none left to find. */
const patience = 12;

/**
 * Inputs of a cut layer, each by itself. With as many samples as the gradient G = Σᵢ δᵢ cᵢᵀ has rank, its columns span every error δᵢ, so an input solves
 *
 *     (I − P) δ(c) / ‖δ(c)‖ = 0,   P the projection on the columns of G
 *
 * in n − 1 unknowns, and no other input enters. All inputs together are a search in B (n − 1) unknowns, with wrong minima wherever two rows settle on one sample.
 *
 * @returns the known inputs and those that were found, at most `enough`.
 */
export async function inputsOneByOne(
  cut: Pick<CutLayer, "weights" | "gradient" | "head">,
  coordinates: SpanCoordinates,
  options: OneByOneOptions,
): Promise<readonly SingleInput[]> {
  const { enough, tolerance, rng, signal, known } = options;
  const equations = singleEquations(cut, coordinates, options.target);
  const found = [...known];
  for (let start = 0, last = 0; found.length < enough && start - last < patience * enough; start++) {
    if (signal?.aborted) break;
    const { value } = await levenbergMarquardt({
      ...equations,
      start: startingRow(coordinates, options.likely, rng.split(`input ${start}`)),
      signal,
      options: { iterations: 100, progress: 1e-6, tolerance: rounding ** 2, damping: 1e-2 },
    });
    const { cost, normal } = await equations.linearise(value);
    const input = { at: value, residual: Math.sqrt(cost), normal };
    if (!(input.residual <= tolerance) || found.some((other) => isSame(input, other))) continue;
    found.push(input);
    last = start;
  }
  return found;
}

/** Residual that is rounding alone. */
const rounding = 1e-15;

/** Whether what sets two points apart is no more than what is left of their equations: two different inputs have equations that do not hold between them. */
function isSame(a: SingleInput, b: SingleInput): boolean {
  const between = a.at.map((value, k) => value - b.at[k]!);
  const apart = Math.sqrt(Math.max(0, innerProduct(between, matrixVector(a.normal, between))));
  return apart <= 1e3 * Math.max(a.residual, b.residual, rounding);
}

/** Between two likely inputs, or a little beyond them; without any, about the point nearest to zero at a scale of its own. */
function startingRow({ directions, length, of }: SpanCoordinates, likely: Matrix | undefined, rng: Rng): Float64Array {
  const free = directions.cols;
  if (likely === undefined) {
    const scale = (length * 10 ** (2.5 * rng.uniform() - 2)) / Math.sqrt(free);
    return Float64Array.from({ length: free }, () => scale * rng.normal());
  }
  const row = (): Float64Array => {
    const from = rng.integer(likely.rows) * likely.cols;
    return likely.data.subarray(from, from + likely.cols);
  };
  const [one, other, share] = [row(), row(), 2 * rng.uniform() - 0.5];
  return of(
    matrix(
      1,
      likely.cols,
      one.map((value, k) => (1 - share) * value + share * other[k]!),
    ),
  );
}

function singleEquations(
  { weights, gradient, head }: Pick<CutLayer, "weights" | "gradient" | "head">,
  coordinates: SpanCoordinates,
  target: NdArray,
) {
  const { directions } = coordinates;
  const errors = qr(gradient).q;
  const steps = multiply(directions, weights, { transposeA: true, transposeB: true });
  const targets = times(target, directions.cols);
  const outside = (rows: Matrix): Matrix => {
    const inside = multiply(multiply(rows, errors), errors, { transposeB: true });
    return matrix(
      rows.rows,
      rows.cols,
      rows.data.map((value, i) => value - inside.data[i]!),
    );
  };
  const preActivations = (q: Float64Array): NdArray => {
    const { data } = multiply(coordinates.inputsOf(q, 1), weights, { transposeB: true });
    return { shape: [1, data.length], data };
  };
  return {
    cost: async (q: Float64Array) => {
      const { data } = (await head.at(rowsOf(preActivations(q)), target)).errors;
      return norm(outside(unit(data)).data) ** 2;
    },
    linearise: async (q: Float64Array) => {
      const { at, change } = await head.along(rowsOf(times(preActivations(q), directions.cols)), targets, steps);
      const delta = at.errors.data.subarray(0, weights.rows);
      const [size, direction] = [norm(delta), unit(delta)];
      const moved = matrix(directions.cols, weights.rows);
      for (let k = 0; k < moved.rows; k++) {
        const row = change.errors.data.subarray(k * moved.cols, (k + 1) * moved.cols);
        const along = innerProduct(row, direction.data);
        for (let i = 0; i < moved.cols; i++)
          moved.data[k * moved.cols + i] = (row[i]! - along * direction.data[i]!) / size;
      }
      const [turned, residual] = [outside(moved), outside(direction).data];
      return {
        cost: norm(residual) ** 2,
        normal: multiply(turned, turned, { transposeB: true }),
        gradient: matrixVector(turned, residual),
      };
    },
  };
}

function unit(row: Float64Array): Matrix {
  const size = norm(row);
  return matrix(
    1,
    row.length,
    row.map((value) => value / size),
  );
}

/** One row, several times. */
function times({ shape, data }: NdArray, count: number): NdArray {
  return {
    shape: [count, ...shape.slice(1)],
    data: Float64Array.from({ length: count * data.length }, (_, i) => data[i % data.length]!),
  };
}

const rowsOf = ({ shape, data }: NdArray): Matrix => matrix(shape[0]!, shape[1]!, data);
