import { choleskySolve, inverseIteration, ridgedCholesky } from "../../linear-algebra/cholesky.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, multiply } from "../../linear-algebra/multiply.ts";
import { svd } from "../../linear-algebra/svd.ts";
import { norm } from "../../linear-algebra/vector.ts";
import type { Rng } from "../../random.ts";
import { type BlockEquations, blockFit, selectNeurons } from "./block-fit.ts";
import { chosenNeurons, polishNeurons } from "./polish.ts";
import type { TensorValue } from "./tensor-block.ts";

/** How the Jacobian of a block's gradients in all unknowns is bounded away from singular. */
export interface JacobianBound {
  /** B (d + K): inputs and cotangents. */
  readonly unknowns: number;
  /** Of `unknowns`, those that the Jacobian determines. */
  readonly rank: number;
  /** A lower bound on its smallest singular value. */
  readonly smallestSingularValue: number;
}

const steps = 10;

/**
 * A lower bound on the smallest singular value of the Jacobian of the gradients in all unknowns, the inputs in all of ℝᵈ and not only in their span:
 *
 *     σ_min ≥ σ_min [σ_a  N; 0  σ_δ]
 *
 * A change of the inputs splits into V a inside their span and V⊥ b outside. What the gradient shows outside the span is Δ b with the errors Δ = [δⱼᵢ],
 * whatever a is, and inside it is J_a a + J_b b, so that J is block triangular; σ_a and σ_δ are the smallest singular values of J_a and Δ, and N the
 * Frobenius norm of J_b. A random subset of the neurons, hence of the rows, can only lower it.
 */
export async function jacobianBound(
  { inSpan, point, inputs, lengthOpen, lengthTold }: TensorValue,
  product: MatrixProduct,
  rng: Rng,
): Promise<JacobianBound> {
  const { weight, biased, span } = inSpan;
  const size = span.rank;
  const unknowns = size * (inputs.cols + inSpan.equations.outer.rows);
  const chosen = chosenNeurons(weight.rows, polishNeurons(inSpan.equations), rng);
  const equations = selectNeurons(inSpan.equations, chosen);
  const c = matrix(size, size, point.slice(0, size * size));
  const { normal } = await blockFit(equations, product, { gradient: 1, outer: 1 }).linearise(point);
  const total = trace(normal);
  // What is known of the inputs holds for every change of them, so it may be added as one more equation for each.
  const last = span.basis.data.slice((span.basis.rows - 1) * size);
  for (let i = 0; i < size; i++) {
    if (biased) addSquare(normal, last, i * size, total / normal.rows);
    else if (lengthTold) addSquare(normal, c.data.subarray(i * size, (i + 1) * size), i * size, total / normal.rows);
  }
  const lacking = (count: number): JacobianBound => ({ unknowns, rank: unknowns - count, smallestSingularValue: 0 });
  if (lengthOpen) return lacking(size);
  const found = await ridgedCholesky(normal, 0, { product });
  if (found === undefined) return lacking(1);
  const least = inverseIteration((b) => choleskySolve(found.factor, b), normal.rows, steps);
  // Below the rounding of the normal matrix an eigenvalue says nothing.
  if (!(least > 10 * Number.EPSILON * total)) return lacking(1);
  const inside = Math.sqrt(least);
  if (span.basis.rows === size) return { unknowns, rank: unknowns, smallestSingularValue: inside };
  const lengthsOutside = Float64Array.from(chosen, (j) => {
    const whole = norm(weight.data.subarray(j * weight.cols, (j + 1) * weight.cols));
    return Math.max(0, whole ** 2 - norm(inSpan.equations.weights.data.subarray(j * size, (j + 1) * size)) ** 2);
  });
  const { errors, between } = await outside(equations, lengthsOutside, point);
  const lastOutside = biased ? (size * total * Math.max(0, 1 - norm(last) ** 2)) / normal.rows : 0;
  const smallest = triangularBound(inside, Math.sqrt(between ** 2 + lastOutside), errors);
  return smallest > 0 ? { unknowns, rank: unknowns, smallestSingularValue: smallest } : lacking(1);
}

/** Smallest singular value of [a n; 0 d]. */
export function triangularBound(a: number, n: number, d: number): number {
  const sum = a * a + n * n + d * d;
  const determinant = (a * d) ** 2;
  return Math.sqrt((2 * determinant) / (sum + Math.sqrt(Math.max(sum * sum - 4 * determinant, 0))));
}

/** σ_min of the errors δⱼᵢ, and ‖J_b‖ in the Frobenius norm. */
async function outside(
  { weights, outer, outerGradient, activation }: BlockEquations,
  squares: Float64Array,
  point: Float64Array,
): Promise<{ readonly errors: number; readonly between: number }> {
  const { rows: n, cols: size } = weights;
  const c = matrix(size, size, point.slice(0, size * size));
  const r = matrix(size, outer.rows, point.slice(size * size));
  const z = multiply(weights, c, { transposeB: true });
  const [, slope, curvature] = await activation(z.data, 2);
  const q = multiply(outer, r, { transposeA: true, transposeB: true });
  const delta = matrix(
    n,
    size,
    q.data.map((value, at) => value * slope![at]!),
  );
  const lengths = Float64Array.from({ length: size }, (_, i) => norm(c.data.subarray(i * size, (i + 1) * size)));
  const cotangents = Float64Array.from({ length: size }, (_, i) => norm(r.data.subarray(i * r.cols, (i + 1) * r.cols)));
  let between = 0;
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < size; i++) {
      const at = j * size + i;
      const gradient = (q.data[at]! * curvature![at]! * lengths[i]!) ** 2;
      const second = outerGradient === undefined ? 0 : (cotangents[i]! * slope![at]!) ** 2;
      between += squares[j]! * (gradient + second);
    }
  }
  return { errors: svd(delta).values.at(-1)!, between: Math.sqrt(between) };
}

function trace(a: Matrix): number {
  let total = 0;
  for (let i = 0; i < a.rows; i++) total += a.data[i * a.cols + i]!;
  return total;
}

/** A += factor · v vᵀ in the diagonal block at `start`. */
function addSquare(a: Matrix, v: Float64Array, start: number, factor: number): void {
  v.forEach((x, k) => {
    v.forEach((y, l) => {
      a.data[(start + k) * a.cols + start + l]! += factor * x * y;
    });
  });
}
