import type { NdArray } from "@recon/engine";
import { type Matrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { type QrFactors, qr } from "../../linear-algebra/qr.ts";
import { svd } from "../../linear-algebra/svd.ts";
import { solveLower } from "../../linear-algebra/triangular.ts";
import { innerProduct, matrixVector, norm } from "../../linear-algebra/vector.ts";
import type { Rng } from "../../random.ts";
import { levenbergMarquardt } from "../../solvers/levenberg-marquardt.ts";
import type { CutLayer } from "./input-equations.ts";
import { columnsOf, repeatedRow, rowsOf } from "./rows.ts";
import type { SpanCoordinates } from "./span-coordinates.ts";

/** Where a search for single inputs starts, and when it ends. */
export interface OneByOneOptions {
  /** One sample's target [1, ...]. */
  readonly target: NdArray;
  /** Inputs that data of the same sort would have [S, n], in the span's coordinates. Random points unless given. */
  readonly likely?: Matrix;
  /** Share of δ outside of the space of errors above which a point is no input. */
  readonly tolerance: number;
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
}

/** Descents in a row that end at no input, after which none is left to find. */
const patience = 24;

/**
 * Inputs of a cut layer, each by itself. With as many samples as the gradient G = Σᵢ δᵢ cᵢᵀ has columns, all of them independent, the errors δᵢ span the columns, so an input solves
 *
 *     (I − P) δ(c) / ‖δ(c)‖ = 0,   P the projection on the columns of G
 *
 * in n − 1 unknowns, and no other input enters. All inputs together are a search in n (n − 1) unknowns, with wrong minima wherever two rows settle on one sample.
 *
 * An input that was found is not found again: (G⁺)ᵀ cⱼ is orthogonal to the errors of all others, so P is left with what is orthogonal to it.
 *
 * @param known inputs that were found before, c each.
 * @returns these and those that were found.
 * @see J. H. M. Wedderburn, *Lectures on Matrices*, 1934, for the reduction of the rank.
 */
export async function inputsOneByOne(
  cut: Pick<CutLayer, "weights" | "gradient" | "head" | "neurons">,
  coordinates: SpanCoordinates,
  known: readonly Float64Array[],
  { target, likely, tolerance, rng, signal }: OneByOneOptions,
): Promise<readonly Float64Array[]> {
  const found = [...known];
  const errors = qr(cut.neurons === undefined ? cut.gradient : rowsOf(cut.gradient, cut.neurons));
  for (let start = 0, last = 0; found.length < cut.gradient.cols && start - last < patience; start++) {
    if (signal?.aborted) break;
    const equations = singleEquations(cut, coordinates, target, outsideErrors(errors, found));
    const { value, cost } = await levenbergMarquardt({
      ...equations,
      start: startingRow(coordinates, likely, rng.split(`input ${start}`)),
      signal,
      options: { iterations: 100, progress: 1e-6, tolerance: rounding ** 2, damping: 1e-2 },
    });
    if (!(Math.sqrt(cost) <= tolerance) || !(await equations.determine(value))) continue;
    found.push(coordinates.inputsOf(value, 1).data);
    last = start + 1;
  }
  return found;
}

/** Residual that is rounding alone. */
const rounding = 1e-15;

/** Share of what a step changes at the error that must leave the space of errors, in every direction, for a point to be determined. */
const leastChange = 1e-13;

/** (I − P) of rows [N, m]: with G = Q R, P = Q (I − Y Yᵀ) Qᵀ, where the columns of Y span R⁻ᵀ cⱼ of the found inputs. */
function outsideErrors({ q, r }: QrFactors, found: readonly Float64Array[]): (rows: Matrix) => Matrix {
  const lower = transposed(r);
  const across = matrix(found.length, r.cols);
  found.forEach((c, j) => {
    across.data.set(solveLower(lower, c), j * r.cols);
  });
  const { q: known } = qr(transposed(across));
  return (rows) => {
    const within = multiply(rows, q);
    subtract(within, multiply(multiply(within, known), known, { transposeB: true }));
    const outside = matrix(rows.rows, rows.cols, rows.data.slice());
    subtract(outside, multiply(within, q, { transposeB: true }));
    return outside;
  };
}

function subtract(from: Matrix, what: Matrix): void {
  for (let i = 0; i < from.data.length; i++) from.data[i]! -= what.data[i]!;
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

/**
 * Of one input: the cost, JᵀJ and Jᵀr of its error's share outside, at q, and whether they determine q. Where a net is homogeneous, as leaky units without biases make it, the error of
 * every multiple of an input has the same direction, and only the sum over all samples says which multiple it is.
 */
function singleEquations(
  { weights, head, neurons }: Pick<CutLayer, "weights" | "head" | "neurons">,
  coordinates: SpanCoordinates,
  target: NdArray,
  outside: (rows: Matrix) => Matrix,
) {
  const { directions } = coordinates;
  const steps = multiply(directions, weights, { transposeA: true, transposeB: true });
  const targets = repeatedRow(target, directions.cols);
  const chosen = (errors: Matrix): Matrix => (neurons === undefined ? errors : columnsOf(errors, neurons));
  const preActivations = (q: Float64Array): Matrix =>
    multiply(coordinates.inputsOf(q, 1), weights, { transposeB: true });
  /** δ / ‖δ‖ at q, what of its derivatives lies outside of the space of errors, by rows of unknowns, and the size of these derivatives. */
  const changes = async (q: Float64Array) => {
    const { shape, data } = repeatedRow({ shape: [1, weights.rows], data: preActivations(q).data }, directions.cols);
    const { at, change } = await head.along(matrix(shape[0]!, shape[1]!, data), targets, steps);
    const moved = chosen(change.errors);
    const delta = chosen(at.errors).data.subarray(0, moved.cols);
    const [length, direction] = [norm(delta), unit(delta)];
    const size = norm(moved.data) / length;
    // Of a unit vector: what moves along itself does not count.
    for (let from = 0; from < moved.data.length; from += moved.cols) {
      const row = moved.data.subarray(from, from + moved.cols);
      const along = innerProduct(row, direction.data);
      for (let i = 0; i < row.length; i++) row[i] = (row[i]! - along * direction.data[i]!) / length;
    }
    return { turned: outside(moved), direction, size };
  };
  return {
    cost: async (q: Float64Array) => {
      const { errors } = await head.at(preActivations(q), target);
      return norm(outside(unit(chosen(errors).data)).data) ** 2;
    },
    linearise: async (q: Float64Array) => {
      const { turned, direction } = await changes(q);
      const residual = outside(direction).data;
      return {
        cost: norm(residual) ** 2,
        normal: multiply(turned, turned, { transposeB: true }),
        gradient: matrixVector(turned, residual),
      };
    },
    determine: async (q: Float64Array): Promise<boolean> => {
      const { turned, size } = await changes(q);
      return turned.rows <= turned.cols && svd(turned).values.at(-1)! > leastChange * size;
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
