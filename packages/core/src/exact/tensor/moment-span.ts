import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import { topSingular } from "../../linear-algebra/svd.ts";
import { matrixVector, norm, transposedMatrixVector } from "../../linear-algebra/vector.ts";
import type { Rng } from "../../random.ts";

/** Which gradient a moment is taken of: the first layer's weights, or the weights behind the activation. */
export type MomentSource = "weight" | "output";

/** The gradients of one output, freed of its outer weights: Gⱼ / (m aⱼ) as rows [m, d] and ∂ℓ/∂aⱼ / m [m]. */
export interface MomentSums {
  /** wⱼ ~ N(0, I) as rows [m, d]. */
  readonly weights: Matrix;
  readonly gradient: Matrix;
  readonly outerGradient: Float64Array;
}

/** How many random contractions a span of order 3 rests on: one alone may annihilate a sample. */
const contractions = 10;

/**
 * The span of the inputs as the paper estimates it, from moments of order 2, or of order 3 contracted with random unit vectors where the activation is odd:
 * an error of √(d / m), which the exact span of the gradient's rows does not have.
 *
 * @param order 2 or 3.
 * @returns orthonormal columns [d, count].
 * @see Z. Wang, J. Lee, Q. Lei, "Reconstructing Training Data from Model Gradient, Provably", AISTATS 2023, section 4.
 */
export async function momentSpan(
  sums: MomentSums,
  count: number,
  options: { readonly order: 2 | 3; readonly source: MomentSource; readonly product: MatrixProduct; readonly rng: Rng },
): Promise<Matrix> {
  const { order, source, product, rng } = options;
  const d = sums.weights.cols;
  const random = rng.split("contractions");
  const parts: Matrix[] = [];
  for (let k = 0; k < (order === 2 ? 1 : contractions); k++) {
    const a = Float64Array.from({ length: d }, () => random.normal());
    const direction = a.map((value) => value / norm(a));
    parts.push(
      order === 2 ? await secondMoment(sums, source, product) : await thirdMoment(sums, source, direction, product),
    );
  }
  const stacked = matrix(d * parts.length, d);
  parts.forEach((part, k) => {
    stacked.data.set(part.data, k * d * d);
  });
  return (await topSingular(stacked, count, product)).right;
}

/** sym Σⱼ Gⱼ wⱼᵀ, or Σⱼ gⱼ (wⱼ wⱼᵀ − I). */
async function secondMoment(sums: MomentSums, source: MomentSource, product: MatrixProduct): Promise<Matrix> {
  const { weights, gradient, outerGradient } = sums;
  if (source === "weight") return symmetric(await product(gradient, weights, { transposeA: true }));
  return addIdentity(
    await product(scaledRows(weights, outerGradient), weights, { transposeA: true }),
    -total(outerGradient),
  );
}

/** A moment of order 3 contracted once with a: with cⱼ = wⱼ · a, sym Σ Gⱼ ⊗ He₂(wⱼ), or Σ gⱼ He₃(wⱼ), never formed. */
async function thirdMoment(
  { weights, gradient, outerGradient }: MomentSums,
  source: MomentSource,
  a: Float64Array,
  product: MatrixProduct,
): Promise<Matrix> {
  const d = weights.cols;
  const along = matrixVector(weights, a);
  if (source === "output") {
    const weighted = along.map((value, j) => value * outerGradient[j]!);
    const result = await product(scaledRows(weights, weighted), weights, { transposeA: true });
    const mean = transposedMatrixVector(weights, outerGradient);
    for (let i = 0; i < d; i++)
      for (let k = 0; k < d; k++) result.data[i * d + k]! -= mean[i]! * a[k]! + a[i]! * mean[k]!;
    return addIdentity(result, -total(weighted));
  }
  const sum = transposedMatrixVector(gradient, new Float64Array(gradient.rows).fill(1));
  const first = await product(scaledRows(gradient, along), weights, { transposeA: true });
  for (let i = 0; i < d; i++) for (let k = 0; k < d; k++) first.data[i * d + k]! -= sum[i]! * a[k]!;
  const pulled = matrixVector(gradient, a);
  const third = addIdentity(await product(scaledRows(weights, pulled), weights, { transposeA: true }), -total(pulled));
  const both = symmetric(first);
  return matrix(
    d,
    d,
    third.data.map((value, i) => (value + 2 * both.data[i]!) / 3),
  );
}

function scaledRows({ rows, cols, data }: Matrix, factors: Float64Array): Matrix {
  return matrix(
    rows,
    cols,
    data.map((value, at) => value * factors[Math.floor(at / cols)]!),
  );
}

function symmetric({ rows: n, data }: Matrix): Matrix {
  const result = matrix(n, n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) result.data[i * n + k] = (data[i * n + k]! + data[k * n + i]!) / 2;
  return result;
}

function addIdentity(a: Matrix, factor: number): Matrix {
  for (let i = 0; i < a.rows; i++) a.data[i * a.cols + i]! += factor;
  return a;
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
