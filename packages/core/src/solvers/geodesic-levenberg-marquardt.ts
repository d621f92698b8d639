import { ReconError } from "../errors.ts";
import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { type QrFactors, qr } from "../linear-algebra/qr.ts";
import { solveUpper } from "../linear-algebra/triangular.ts";
import { matrixVector, norm, transposedMatrixVector } from "../linear-algebra/vector.ts";

/** r(x) [m] near a point, by the factors of its Jacobian J = Q R: never by JᵀJ, whose condition is the square. */
export interface FactoredResiduals {
  readonly residual: Float64Array;
  /** R [n, n]. */
  readonly factor: Matrix;
  /** Qᵀ v [n] of a vector [m]. */
  project(v: Float64Array): Float64Array;
}

/** A least-squares problem in float64, ½‖r(x)‖² with n unknowns. */
export interface GeodesicProblem {
  readonly start: Float64Array;
  residual(x: Float64Array): Promise<Float64Array>;
  factorise(x: Float64Array): Promise<FactoredResiduals>;
  readonly signal?: AbortSignal | undefined;
  readonly options?: GeodesicOptions;
}

/** How the damping moves and when the search ends. */
export interface GeodesicOptions {
  /** First λ; 1e-4 σ₁² unless said. */
  readonly damping?: number;
  /** Linearisations, 30 unless said. */
  readonly iterations?: number;
  /** Largest change of an unknown in one step; none unless said. */
  readonly longest?: number;
  /** The search ends where the linear model promises to lower ½‖r‖² by less than this, 1e-3 unless said: in nats where r is in standard deviations. */
  readonly promise?: number;
  /** It ends, too, where ten linearisations lowered the cost by less than this share, 0.01 unless said. */
  readonly progress?: number;
}

/** The point of least cost that was seen, and how the search ended. */
export interface GeodesicResult {
  readonly value: Float64Array;
  /** ½‖r‖². */
  readonly cost: number;
  readonly iterations: number;
  /** Share of the residual that lies in the range of J, ‖Qᵀ r‖ / ‖r‖, where the search last linearised: small at a stationary point, whatever the damping. */
  readonly inRange: number;
  readonly ended: "stationary" | "stalled" | "iterations spent" | "aborted";
}

const firstDamping = 1e-4;
/** Linearisations over which progress is judged. */
const patience = 10;
const raise = 4;
const lower = 9;
const tries = 16;
/** Step along which the curvature of r is measured, as a share of the velocity. */
const probe = 0.1;
/** Largest length of the acceleration, 2|a| / |v|: beyond, the second-order step cannot be trusted. */
const mostAcceleration = 0.75;

/**
 * Minimises ½‖r(x)‖² by damped Gauss–Newton steps that follow the curvature of the valley they are in:
 *
 *     v = −(RᵀR + λI)⁻¹ Jᵀ r,   a = −(RᵀR + λI)⁻¹ Jᵀ r_vv,   x ← x + v + a/2,   r_vv = 2 (r(x + h v) − r(x) − h J v) / h²
 *
 * A step that turns little may climb: it is taken where (1 − cos ∠(v, v_before)) C_new ≤ C_best. Another damping costs a QR of [R; √λ I] and two evaluations,
 * and no product with J.
 *
 * @throws ReconError `shape` when R does not fit the unknowns.
 * @see M. K. Transtrum, J. P. Sethna, "Improvements to the Levenberg-Marquardt algorithm for nonlinear least-squares minimization", arXiv:1201.5885 (2012).
 */
export async function* geodesicLevenbergMarquardt(
  problem: GeodesicProblem,
): AsyncGenerator<{ readonly iteration: number; readonly cost: number }, GeodesicResult> {
  const { iterations = 30, damping, promise = 1e-3, progress = 0.01 } = problem.options ?? {};
  let x: Float64Array = Float64Array.from(problem.start);
  let best = { value: x, cost: Number.POSITIVE_INFINITY };
  let lambda: number | undefined;
  let before: Float64Array | undefined;
  let inRange = 1;
  const costs: number[] = [];
  const result = (ended: GeodesicResult["ended"], done: number): GeodesicResult => ({
    ...best,
    iterations: done,
    inRange,
    ended,
  });
  for (let iteration = 1; iteration <= iterations; iteration++) {
    if (problem.signal?.aborted) return result("aborted", iteration - 1);
    const here = await problem.factorise(x);
    if (here.factor.rows !== x.length || here.factor.cols !== x.length) {
      throw new ReconError("shape", `geodesicLevenbergMarquardt: R must be ${x.length} x ${x.length}.`);
    }
    const cost = halfSquare(here.residual);
    if (cost < best.cost) best = { value: x, cost };
    const gradient = here.project(here.residual);
    costs.push(best.cost);
    if (best.cost > (1 - progress) * (costs[costs.length - 1 - patience] ?? Number.POSITIVE_INFINITY)) {
      return result("stalled", iteration);
    }
    inRange = norm(gradient) / Math.max(norm(here.residual), Number.MIN_VALUE);
    yield { iteration, cost: best.cost };
    if (halfSquare(gradient) < promise) return result("stationary", iteration);
    lambda ??= damping ?? firstDamping * largestSquare(here.factor);
    let taken: { step: Float64Array; velocity: Float64Array } | undefined;
    for (let attempt = 0; attempt < tries && taken === undefined; attempt++) {
      if (problem.signal?.aborted) return result("aborted", iteration);
      const tried = await geodesicStep(problem, x, here, gradient, lambda);
      if (tried !== undefined) {
        const next = x.map((value, i) => value + tried.step[i]!);
        const reached = halfSquare(await problem.residual(next));
        const turned = before === undefined ? 1 : 1 - cosine(tried.velocity, before);
        if (Math.min(1, turned) * reached <= best.cost) taken = tried;
      }
      if (taken === undefined) lambda *= raise;
    }
    if (taken === undefined) return result("stalled", iteration);
    lambda /= lower;
    before = taken.velocity;
    const { step } = taken;
    x = x.map((value, i) => value + step[i]!);
  }
  const cost = halfSquare(await problem.residual(x));
  if (cost < best.cost) best = { value: x, cost };
  return result("iterations spent", iterations);
}

/** A velocity with half its acceleration; undefined where it is too long, or too curved for its damping. */
async function geodesicStep(
  { residual, options }: GeodesicProblem,
  x: Float64Array,
  here: FactoredResiduals,
  gradient: Float64Array,
  lambda: number,
): Promise<{ readonly step: Float64Array; readonly velocity: Float64Array } | undefined> {
  const damped = dampedFactors(here.factor, lambda);
  const velocity = dampedSolution(damped, gradient);
  const longest = options?.longest ?? Number.POSITIVE_INFINITY;
  if (!velocity.every((value) => Math.abs(value) <= longest)) return undefined;
  const ahead = await residual(x.map((value, i) => value + probe * velocity[i]!));
  const change = here.project(ahead.map((value, i) => value - here.residual[i]!));
  const linear = matrixVector(here.factor, velocity);
  const curved = change.map((value, i) => (2 * (value - probe * linear[i]!)) / probe ** 2);
  const acceleration = dampedSolution(damped, curved);
  if (!(2 * norm(acceleration) <= mostAcceleration * norm(velocity))) return undefined;
  return { step: velocity.map((value, i) => value + acceleration[i]! / 2), velocity };
}

/** QR of [R; √λ I]: the damped problem without its normal equations. */
function dampedFactors({ rows: n, data }: Matrix, lambda: number): QrFactors {
  const stacked = matrix(2 * n, n);
  stacked.data.set(data);
  const root = Math.sqrt(lambda);
  for (let i = 0; i < n; i++) stacked.data[(n + i) * n + i] = root;
  return qr(stacked);
}

/** −(RᵀR + λI)⁻¹ Rᵀ g; directions that nothing holds stay where they are. */
function dampedSolution({ q, r }: QrFactors, g: Float64Array): Float64Array {
  const n = r.cols;
  const turned = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) turned[k]! -= q.data[i * n + k]! * g[i]!;
  return solveUpper(r, turned).map((value) => (Number.isFinite(value) ? value : 0));
}

/** σ₁² of a triangular factor to within a factor of two: ten steps of the power method. */
function largestSquare(r: Matrix): number {
  let v: Float64Array = new Float64Array(r.cols).fill(1 / Math.sqrt(r.cols));
  let square = 1;
  for (let step = 0; step < 10; step++) {
    const product = transposedMatrixVector(r, matrixVector(r, v));
    square = norm(product);
    if (square === 0) return 1;
    const scale = 1 / square;
    v = product.map((value) => value * scale);
  }
  return square;
}

function halfSquare(r: Float64Array): number {
  let total = 0;
  for (let i = 0; i < r.length; i++) total += r[i]! * r[i]!;
  const half = total / 2;
  return Number.isFinite(half) ? half : Number.POSITIVE_INFINITY;
}

function cosine(a: Float64Array, b: Float64Array): number {
  let dot = 0;
  for (let i = 0; i < a.length; i++) dot += a[i]! * b[i]!;
  return dot / Math.max(norm(a) * norm(b), Number.MIN_VALUE);
}
