import { norm } from "../linear-algebra/vector.ts";

export interface ConjugateGradientOptions {
  /** Products at most. */
  readonly iterations: number;
  /** ‖b − A x‖ / ‖b‖ that is enough. */
  readonly tolerance: number;
  readonly signal?: AbortSignal;
}

export interface ConjugateGradientResult {
  readonly x: Float64Array;
  readonly iterations: number;
}

/**
 * x with A x ≈ b for a symmetric positive definite A that is known only by its product, from x = 0.
 *
 * Stopped early, xᵀb > 0 all the same: x then is a direction of descent where b is a negative gradient. It stops too where a product shows that A is not positive
 * definite.
 *
 * @see M. R. Hestenes, E. Stiefel, "Methods of conjugate gradients for solving linear systems", J. Res. NBS 49 (1952).
 */
export async function conjugateGradients(
  product: (v: Float64Array) => Promise<Float64Array>,
  b: Float64Array,
  { iterations, tolerance, signal }: ConjugateGradientOptions,
): Promise<ConjugateGradientResult> {
  const x = new Float64Array(b.length);
  const residual = Float64Array.from(b);
  const direction = Float64Array.from(b);
  const enough = tolerance * norm(b);
  let size = norm(residual);
  let done = 0;
  while (done < iterations && size > enough && signal?.aborted !== true) {
    const curved = await product(direction);
    done++;
    let curvature = 0;
    for (let i = 0; i < x.length; i++) curvature += direction[i]! * curved[i]!;
    if (!(curvature > 0)) break;
    const step = size ** 2 / curvature;
    for (let i = 0; i < x.length; i++) {
      x[i]! += step * direction[i]!;
      residual[i]! -= step * curved[i]!;
    }
    const left = norm(residual);
    const kept = (left / size) ** 2;
    for (let i = 0; i < x.length; i++) direction[i] = residual[i]! + kept * direction[i]!;
    size = left;
  }
  return { x, iterations: done };
}
