import { choleskySolve, inverseIteration, ridgedCholesky } from "../../linear-algebra/cholesky.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, multiply } from "../../linear-algebra/multiply.ts";
import { svd } from "../../linear-algebra/svd.ts";
import { norm } from "../../linear-algebra/vector.ts";
import type { Rng } from "../../random.ts";
import { type BlockEquations, blockFit, selectNeurons } from "./block-fit.ts";
import { chosenNeurons, joined } from "./polish.ts";
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
/** Above this many unknowns the Jacobian outside the span is bounded instead of factored. */
const mostFactored = 1600;

/**
 * A lower bound on the smallest singular value of the Jacobian of the gradients in all unknowns, the inputs in all of ℝᵈ and not only in their span.
 *
 * From JᵀJ of a random subset of the neurons, which can only lower it, by inverse iteration. With very many unknowns:
 *
 *     σ_min ≥ σ_min [σ_a  N; 0  σ_δ]
 *
 * A change of the inputs splits into V a inside their span and V⊥ b outside. What the gradient shows outside the span is Δ b with the errors Δ = [δⱼᵢ],
 * whatever a is, and inside it is J_a a + J_b b, so that J is block triangular; σ_a and σ_δ are the smallest singular values of J_a and Δ, and N the
 * Frobenius norm of J_b.
 */
export async function jacobianBound(value: TensorValue, product: MatrixProduct, rng: Rng): Promise<JacobianBound> {
  const { inSpan, inputs, lengthOpen } = value;
  const { rows: size, cols: d } = inputs;
  const unknowns = size * (d + inSpan.equations.outer.rows);
  const lacking = (count: number): JacobianBound => ({ unknowns, rank: unknowns - count, smallestSingularValue: 0 });
  if (lengthOpen) return lacking(size);
  const smallest = await (unknowns <= mostFactored ? factored : triangularJacobianBound)(value, product, rng);
  return smallest > 0 ? { unknowns, rank: unknowns, smallestSingularValue: smallest } : lacking(1);
}

/** σ_min of a subset of the neurons' equations in all coordinates; 0 where it cannot be told from 0. */
async function factored(value: TensorValue, product: MatrixProduct, rng: Rng): Promise<number> {
  const { inSpan, point } = value;
  const { weight, span, equations: all } = inSpan;
  const size = span.rank;
  const unknowns = size * (weight.cols + all.outer.rows);
  const chosen = chosenNeurons(weight.rows, Math.max(256, Math.min(unknowns, 1200)), rng);
  const coordinates = multiply(matrix(size, size, point.slice(0, size * size)), span.basis, { transposeB: true });
  // The gradient has no part in JᵀJ, so zeros stand for it.
  const equations = selectNeurons({ ...all, weights: weight, gradient: matrix(weight.rows, weight.cols) }, chosen);
  const full = joined(coordinates, matrix(size, all.outer.rows, point.slice(size * size)));
  const unit = Float64Array.from({ length: weight.cols }, (_, k) => Number(k === weight.cols - 1));
  return leastSingular(equations, full, constraints(value, coordinates, unit), product);
}

/** The bound from the Jacobian in the span and the errors outside of it; 0 where there is none. */
export async function triangularJacobianBound(value: TensorValue, product: MatrixProduct, rng: Rng): Promise<number> {
  const { inSpan, point } = value;
  const { weight, biased, span, equations: all } = inSpan;
  const size = span.rank;
  const chosen = chosenNeurons(weight.rows, 3 * size * (size + all.outer.rows), rng);
  const equations = selectNeurons(all, chosen);
  const last = span.basis.data.slice((span.basis.rows - 1) * size);
  const told = constraints(value, matrix(size, size, point.slice(0, size * size)), last);
  const inside = await leastSingular(equations, point, told, product);
  if (span.basis.rows === size || inside === 0) return inside;
  const squares = Float64Array.from(chosen, (j) => {
    const whole = norm(weight.data.subarray(j * weight.cols, (j + 1) * weight.cols));
    return Math.max(0, whole ** 2 - norm(all.weights.data.subarray(j * size, (j + 1) * size)) ** 2);
  });
  const { errors, between } = await outside(equations, squares, point);
  // The equation for the bias coordinate has a part outside the span as well.
  const beside = biased ? size * Math.max(0, 1 - norm(last) ** 2) : 0;
  return triangularBound(inside, Math.sqrt(between ** 2 + beside), errors);
}

/** What is known of a change of each input, as the vector it is orthogonal to: the bias coordinate stays 1, and a length that was told stays. */
function constraints({ inSpan, lengthTold }: TensorValue, coordinates: Matrix, bias: Float64Array): Float64Array[] {
  const { rows, cols, data } = coordinates;
  if (!inSpan.biased && !lengthTold) return [];
  return Array.from({ length: rows }, (_, i) => (inSpan.biased ? bias : data.subarray(i * cols, (i + 1) * cols)));
}

async function leastSingular(
  equations: BlockEquations,
  point: Float64Array,
  told: readonly Float64Array[],
  product: MatrixProduct,
): Promise<number> {
  const { normal } = await blockFit(equations, product, { gradient: 1, outer: 1 }).linearise(point);
  const { rows: n, data } = normal;
  told.forEach((v, i) => {
    // An equation that holds for every possible change may be added: it lowers no singular value on those.
    for (let k = 0; k < v.length; k++) {
      for (let l = 0; l < v.length; l++) data[(i * v.length + k) * n + i * v.length + l]! += v[k]! * v[l]!;
    }
  });
  let trace = 0;
  for (let i = 0; i < n; i++) trace += data[i * n + i]!;
  const found = await ridgedCholesky(normal, 0, { product });
  if (found === undefined) return 0;
  const least = inverseIteration((b) => choleskySolve(found.factor, b), n, steps);
  // Below the rounding of the normal matrix an eigenvalue says nothing.
  return least > 10 * Number.EPSILON * trace ? Math.sqrt(least) : 0;
}

/** Smallest singular value of [a n; 0 d]. */
export function triangularBound(a: number, n: number, d: number): number {
  const sum = a * a + n * n + d * d;
  const determinant = (a * d) ** 2;
  return Math.sqrt((2 * determinant) / (sum + Math.sqrt(Math.max(sum * sum - 4 * determinant, 0))));
}

/** σ_min of the errors δⱼᵢ, and ‖J_b‖ in the Frobenius norm, given the squared lengths of the weights outside the span. */
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
  const rowNorms = (a: Matrix): Float64Array =>
    Float64Array.from({ length: size }, (_, i) => norm(a.data.subarray(i * a.cols, (i + 1) * a.cols)));
  const [lengths, cotangents] = [rowNorms(c), rowNorms(r)];
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
