import { ReconError } from "../errors.ts";
import { cholesky, choleskySolve } from "../linear-algebra/cholesky.ts";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { type MatrixProduct, plainProduct } from "../linear-algebra/multiply.ts";

/** A sum of squares ‖r(x)‖² near a point: its value, JᵀJ [n, n] (the lower triangle is read) and Jᵀr [n]. */
export interface Linearisation {
  readonly cost: number;
  readonly normal: Matrix;
  readonly gradient: Float64Array;
}

/** How the damping moves and when the search ends. */
export interface LevenbergMarquardtOptions {
  /** First μ, 1e-3 by default. */
  readonly damping?: number;
  /** Factor on μ after a step that was refused, 4. */
  readonly raise?: number;
  /** Divisor of μ after a step that was taken, 5. */
  readonly lower?: number;
  /** Least μ, 1e-12. */
  readonly floor?: number;
  /** Steps tried at one point before the search gives up there, 12. */
  readonly tries?: number;
  /** Linearisations, 60. */
  readonly iterations?: number;
  /** Cost at or below which the search has converged, 0: absolute, in the units of the cost. */
  readonly tolerance?: number;
  /** Share of the cost that a step must save for another one to be worth while, 1e-10. */
  readonly progress?: number;
}

/** A least-squares problem in float64. */
export interface LevenbergMarquardtProblem {
  readonly start: Float64Array;
  /** Cost, JᵀJ and Jᵀr at a point. `normal` is overwritten. */
  linearise(x: Float64Array): Linearisation | Promise<Linearisation>;
  /** ‖r(x)‖² alone: what a step is judged by. A value that is not finite refuses it. */
  cost(x: Float64Array): number | Promise<number>;
  /** Where the blocks of large factorisations are multiplied; plain loops unless given. */
  readonly product?: MatrixProduct;
  readonly signal?: AbortSignal | undefined;
  readonly options?: LevenbergMarquardtOptions;
}

/**
 * The point of least cost that was found, and how the search ended.
 *
 * - `converged`: the cost reached the tolerance.
 * - `stalled`: no step lowered it any further, or only by less than `progress`: a minimum, or the rounding of the residuals.
 * - `iterations spent`: the number of linearisations ended first.
 * - `aborted`: the signal fired.
 */
export interface LevenbergMarquardtResult {
  readonly value: Float64Array;
  readonly cost: number;
  /** Linearisations. */
  readonly iterations: number;
  readonly ended: "converged" | "stalled" | "iterations spent" | "aborted";
}

/**
 * Minimises a sum of squares ‖r(x)‖² by damped Gauss–Newton steps:
 *
 *     (JᵀJ + μ diag(JᵀJ)) step = −Jᵀr
 *
 * μ falls after a step that lowers the cost and rises after one that does not, within one linearisation. The damping follows the scale of each unknown,
 * so that unknowns in different units need no weights. On normal equations the attainable error is that of the residuals times the condition of J,
 * as with QR, where the residuals at the solution vanish.
 *
 * @throws ReconError `shape` when the normal matrix or the gradient does not fit the start.
 * @see D. W. Marquardt, "An algorithm for least-squares estimation of nonlinear parameters", SIAM J. Appl. Math. 11 (1963).
 */
export async function levenbergMarquardt(problem: LevenbergMarquardtProblem): Promise<LevenbergMarquardtResult> {
  const { start, product = plainProduct, signal, options = {} } = problem;
  const { damping = 1e-3, raise = 4, lower = 5, floor = 1e-12, tries = 12, iterations = 60 } = options;
  const { tolerance = 0, progress = 1e-10 } = options;
  let value: Float64Array = Float64Array.from(start);
  let mu = damping;
  let cost = Number.POSITIVE_INFINITY;
  for (let iteration = 1; iteration <= iterations; iteration++) {
    if (signal?.aborted) return { value, cost, iterations: iteration - 1, ended: "aborted" };
    const here = await problem.linearise(value);
    checkShape(here, value.length);
    cost = here.cost;
    if (cost <= tolerance) return { value, cost, iterations: iteration, ended: "converged" };
    let taken: { value: Float64Array; cost: number } | undefined;
    for (let attempt = 0; attempt < tries && taken === undefined; attempt++) {
      if (signal?.aborted) return { value, cost, iterations: iteration, ended: "aborted" };
      const step = await dampedStep(here, mu, product);
      const next = step && value.map((entry, i) => entry + step[i]!);
      const there = next === undefined ? Number.NaN : await problem.cost(next);
      if (next !== undefined && there < cost) taken = { value: next, cost: there };
      else mu *= raise;
    }
    if (taken === undefined) return { value, cost, iterations: iteration, ended: "stalled" };
    const saved = cost - taken.cost;
    const slow = saved < progress * cost;
    ({ value, cost } = taken);
    mu = Math.max(mu / lower, floor);
    if (cost <= tolerance) return { value, cost, iterations: iteration, ended: "converged" };
    if (slow) return { value, cost, iterations: iteration, ended: "stalled" };
  }
  return { value, cost, iterations, ended: "iterations spent" };
}

/** The step for one damping; undefined where the damped matrix is not positive definite to working precision. */
async function dampedStep(
  { normal, gradient }: Linearisation,
  mu: number,
  product: MatrixProduct,
): Promise<Float64Array | undefined> {
  const n = gradient.length;
  const damped = matrix(n, n, Float64Array.from(normal.data));
  for (let i = 0; i < n; i++) {
    const curvature = normal.data[i * n + i]!;
    // An unknown that nothing depends on would leave a zero on the diagonal; any other number holds it where it is.
    damped.data[i * n + i] = curvature > 0 ? (1 + mu) * curvature : 1;
  }
  try {
    const factor = await cholesky(damped, { product });
    return choleskySolve(
      factor,
      gradient.map((entry) => -entry),
    );
  } catch (error) {
    if (error instanceof ReconError && error.code === "not-positive-definite") return undefined;
    throw error;
  }
}

function checkShape({ normal, gradient }: Linearisation, n: number): void {
  if (gradient.length !== n || normal.rows !== n || normal.cols !== n) {
    throw new ReconError(
      "shape",
      `levenbergMarquardt: ${n} unknowns need a gradient of ${n} numbers and a ${n} x ${n} normal matrix, not ${gradient.length} and ${normal.rows} x ${normal.cols}.`,
    );
  }
}
