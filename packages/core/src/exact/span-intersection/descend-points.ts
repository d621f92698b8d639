import { cholesky, choleskySolve } from "../../linear-algebra/cholesky.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { plainProduct } from "../../linear-algebra/multiply.ts";
import { innerProduct } from "../../linear-algebra/vector.ts";
import type { PointEquations } from "./point-equations.ts";

/** Where many searches ended. */
export interface Descent {
  /** q [N, free]. */
  readonly points: Matrix;
  /** ‖residual‖ of every point. */
  readonly misfits: Float64Array;
}

export interface DescentOptions {
  readonly iterations: number;
  readonly signal?: AbortSignal | undefined;
}

const firstDamping = 1e-2;
const leastDamping = 1e-12;
/** Damping at which a point counts as at rest: no step of any use lowers its misfit. */
const mostDamping = 1e8;
/** Share of its misfit by which a step must lower it, or the point is at rest. */
const progress = 1e-4;

/**
 * Levenberg–Marquardt for many points at once, each by itself: every iteration evaluates all of them in one run of the head.
 *
 * @param start q [N, free]; overwritten.
 */
export async function descendPoints(
  equations: PointEquations,
  start: Matrix,
  { iterations, signal }: DescentOptions,
): Promise<Descent> {
  const { rows: count, cols: free } = start;
  const points = start;
  let residuals = await equations.at(points);
  const misfits = Float64Array.from({ length: count }, (_, i) => squareOf(residuals, i));
  const damping = new Float64Array(count).fill(firstDamping);
  const resting = new Uint8Array(count);
  for (let iteration = 0; iteration < iterations && !signal?.aborted && resting.includes(0); iteration++) {
    const slopes = await equations.along(points);
    const next = matrix(count, free, points.data);
    for (let i = 0; i < count; i++) {
      if (resting[i] === 1) continue;
      const step = await dampedStep(slopes, residuals, i, free, damping[i]!);
      for (let k = 0; k < free; k++) next.data[i * free + k]! += step?.[k] ?? 0;
    }
    const there = await equations.at(next);
    for (let i = 0; i < count; i++) {
      if (resting[i] === 1) continue;
      const misfit = squareOf(there, i);
      if (misfit < misfits[i]!) {
        if (misfit > (1 - progress) * misfits[i]!) resting[i] = 1;
        misfits[i] = misfit;
        damping[i] = Math.max(damping[i]! / 5, leastDamping);
        points.data.set(next.data.subarray(i * free, (i + 1) * free), i * free);
      } else {
        damping[i]! *= 4;
        if (!(damping[i]! <= mostDamping)) resting[i] = 1;
      }
    }
    residuals = await equations.at(points);
  }
  return { points, misfits: misfits.map(Math.sqrt) };
}

function squareOf({ cols, data }: Matrix, row: number): number {
  const part = data.subarray(row * cols, (row + 1) * cols);
  return innerProduct(part, part);
}

async function dampedStep(
  slopes: Matrix,
  residuals: Matrix,
  point: number,
  free: number,
  damping: number,
): Promise<Float64Array | undefined> {
  const { cols } = slopes;
  const slope = (k: number): Float64Array =>
    slopes.data.subarray((point * free + k) * cols, (point * free + k + 1) * cols);
  const rest = residuals.data.subarray(point * cols, (point + 1) * cols);
  const normal = matrix(free, free);
  for (let k = 0; k < free; k++) {
    for (let l = 0; l <= k; l++) {
      normal.data[k * free + l] = innerProduct(slope(k), slope(l)) * (k === l ? 1 + damping : 1);
      normal.data[l * free + k] = normal.data[k * free + l]!;
    }
  }
  try {
    const factor = await cholesky(normal, { product: plainProduct });
    return choleskySolve(
      factor,
      Float64Array.from({ length: free }, (_, k) => -innerProduct(slope(k), rest)),
    );
  } catch {
    // Not positive definite to working precision: more damping is next.
    return undefined;
  }
}
