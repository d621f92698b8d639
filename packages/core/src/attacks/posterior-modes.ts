import { ReconError } from "../errors.ts";
import { assign } from "../judge/match.ts";
import { cholesky } from "../linear-algebra/cholesky.ts";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { plainProduct } from "../linear-algebra/multiply.ts";
import { flatten, unflatten } from "../solvers/layout.ts";
import { lbfgs } from "../solvers/lbfgs.ts";
import { levenbergMarquardt } from "../solvers/levenberg-marquardt.ts";
import { finish } from "../solvers/solver.ts";
import type { PosteriorCurvature } from "./posterior-curvature.ts";
import type { PosteriorDensity } from "./posterior-density.ts";

/** A local maximum of the posterior. */
export interface Mode {
  readonly x: Float64Array;
  /** f there. */
  readonly value: number;
  /** How the search ended, a clause. */
  readonly ended: string;
}

/** What a search may use. */
export interface ModeSearch {
  readonly density: PosteriorDensity;
  /** For Gauss–Newton steps; L-BFGS without it. */
  readonly curvature?: PosteriorCurvature | undefined;
  /** Evaluations and products that may still be spent. */
  readonly left: () => number;
  readonly signal: AbortSignal;
}

/**
 * The local maximum that a start leads to: by damped Gauss–Newton steps on the dense curvature where there is one, by L-BFGS otherwise.
 *
 * Both end at the rounding of float64 or with the budget.
 */
export async function climb(start: Float64Array, search: ModeSearch): Promise<Mode> {
  return search.curvature === undefined ? byGradients(start, search) : byCurvature(start, search.curvature, search);
}

async function byCurvature(start: Float64Array, curvature: PosteriorCurvature, search: ModeSearch): Promise<Mode> {
  const { density, left, signal } = search;
  const at = async (x: Float64Array): Promise<{ value: number; gradient: Float64Array }> =>
    (await density.evaluate([x]))[0]!;
  const spent = new AbortController();
  const found = await levenbergMarquardt({
    start,
    signal: AbortSignal.any([signal, spent.signal]),
    linearise: async (x) => {
      if (left() <= x.length) spent.abort();
      const { value, gradient } = await at(x);
      return { cost: value, normal: await curvature.matrix(x), gradient };
    },
    cost: async (x) => {
      if (left() <= 1) spent.abort();
      return (await at(x)).value;
    },
    // f is no sum of squares: it has no natural zero, and steps near its minimum save little of it.
    options: { iterations: 200, tolerance: Number.NEGATIVE_INFINITY, progress: 1e-10 },
  });
  const ended = spent.signal.aborted && !signal.aborted ? "all evaluations were used" : lmEnding[found.ended];
  return { x: found.value, value: found.cost, ended };
}

const lmEnding = {
  converged: "the search converged",
  stalled: "the search reached a maximum of the posterior to rounding",
  "iterations spent": "the iterations ended first",
  aborted: "the search was aborted",
} as const;

async function byGradients(start: Float64Array, { density, left, signal }: ModeSearch): Promise<Mode> {
  const { layout } = density;
  const result = await finish(
    lbfgs({ history: 30 }).minimise({
      objective: async (x) => {
        const { value, gradient } = (await density.evaluate([flatten(x, layout)]))[0]!;
        return { value, gradient: unflatten(gradient, layout) };
      },
      start: unflatten(start, layout),
      evaluations: Math.max(1, left()),
      signal,
    }),
  );
  return {
    x: flatten(result.x, layout),
    value: result.value,
    ended: result.reason.replace(/\.$/, "").replace(/^A/, "a"),
  };
}

/**
 * Modes from several starts, best first, each once: two points are one mode when they differ by less than a tenth of the posterior's own width,
 * |x − x'|_G < √n / 10, after the items of a batch were brought into the order that fits best, which no observation shows.
 *
 * @param precision G at the best mode, dense or diagonal.
 */
export function distinctModes(
  modes: readonly Mode[],
  precision: Matrix | Float64Array,
  density: PosteriorDensity,
): readonly Mode[] {
  const sorted = [...modes].filter(({ value }) => Number.isFinite(value)).sort((a, b) => a.value - b.value);
  const kept: Mode[] = [];
  for (const mode of sorted) {
    const first = kept[0];
    const aligned = first === undefined ? mode : { ...mode, x: inOrderOf(first.x, mode.x, density) };
    const near = kept.some(({ x }) => squaredDistance(x, aligned.x, precision) < 0.01 * x.length);
    if (!near) kept.push(aligned);
  }
  return kept;
}

/** The items of a batch in the order in which they are closest to another batch's. */
export function inOrderOf(other: Float64Array, x: Float64Array, { layout }: PosteriorDensity): Float64Array {
  const batch = layout.parts[0]!.shape[0]!;
  if (batch === 1) return x;
  const item = (from: Float64Array, i: number): number[] =>
    layout.parts.flatMap(({ offset, size }) => {
      const width = size / batch;
      return Array.from(from.subarray(offset + i * width, offset + (i + 1) * width));
    });
  const items = Array.from({ length: batch }, (_, i) => [item(other, i), item(x, i)] as const);
  const cost = items.flatMap(([a]) =>
    items.map(([, b]) => a.reduce((total, value, k) => total + (value - b[k]!) ** 2, 0)),
  );
  const order = assign(matrix(batch, batch, cost));
  const result = x.slice();
  for (const { offset, size } of layout.parts) {
    const width = size / batch;
    order.forEach((from, to) => {
      result.set(x.subarray(offset + from * width, offset + (from + 1) * width), offset + to * width);
    });
  }
  return result;
}

function squaredDistance(a: Float64Array, b: Float64Array, precision: Matrix | Float64Array): number {
  const d = a.map((value, i) => value - b[i]!);
  if (precision instanceof Float64Array) return d.reduce((total, value, i) => total + precision[i]! * value * value, 0);
  const { rows: n, data } = precision;
  let total = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) total += d[i]! * data[i * n + j]! * d[j]!;
  return total;
}

/** The Cholesky factor of a precision, after the least ridge (of those 1e-10, 1e-9, … of its mean diagonal) that makes it positive definite; and its log-determinant. */
export async function precisionFactor(
  precision: Matrix,
): Promise<{ readonly factor: Matrix; readonly logDeterminant: number }> {
  const { rows: n, data } = precision;
  const middle = data.reduce((total, value, at) => total + (at % (n + 1) === 0 ? Math.abs(value) / n : 0), 0) || 1;
  for (let ridge = 0; ridge <= 1; ridge = ridge === 0 ? 1e-10 : 10 * ridge) {
    const copy = matrix(n, n, data.slice());
    for (let i = 0; i < n; i++) copy.data[i * n + i]! += ridge * middle;
    try {
      const factor = await cholesky(copy, { product: plainProduct });
      let logDeterminant = 0;
      for (let i = 0; i < n; i++) logDeterminant += 2 * Math.log(factor.data[i * n + i]!);
      return { factor, logDeterminant };
    } catch (error) {
      if (!(error instanceof ReconError && error.code === "not-positive-definite")) throw error;
    }
  }
  throw new ReconError(
    "not-positive-definite",
    "The curvature of the posterior is not positive definite, whatever its ridge.",
  );
}
