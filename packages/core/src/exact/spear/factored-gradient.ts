import { appendColumn, type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import { topSingular } from "../../linear-algebra/svd.ts";
import { innerProduct, norm } from "../../linear-algebra/vector.ts";

/** A linear layer z = W x + b in front of a ReLU, and the gradient that a batch left in it. */
export interface ReluLayer {
  /** W [m, d]. */
  readonly weight: Matrix;
  /** b [m]; absent where the layer has none. */
  readonly bias?: Float64Array;
  /** dW [m, d]. */
  readonly weightGradient: Matrix;
  /** db [m]; absent together with the bias. */
  readonly biasGradient?: Float64Array;
}

/**
 * The gradient as a product of rank r, A = [dW | db] = U S Vᵀ = Q [X | 1], in the coordinates in which the search works.
 *
 * Column i of Q, the error of sample i at every neuron, is U q for a vector q of r numbers. Input i is V t for a vector t of r numbers too, and
 * tᵢᵀ S⁻¹ qₖ = 0 for i ≠ k.
 */
export interface FactoredGradient {
  readonly rank: number;
  /** Neurons with a gradient: those that were active for some sample. The rest are zero rows. */
  readonly neurons: Int32Array;
  /** Rows of U of these neurons, scaled to unit length [n, r]. */
  readonly rows: Matrix;
  /** Length of each of these rows before the scaling [n]. */
  readonly lengths: Float64Array;
  /** Singular values, descending [r]. */
  readonly values: Float64Array;
  /** V [d + 1, r], or [d, r] without a bias. */
  readonly right: Matrix;
  /** [W | b] V of every neuron [m, r]: the pre-activations of input V t are this times t. */
  readonly layer: Matrix;
  /** Standard deviation of the noise of `rows · q`, divided by |S⁻¹ q| [n]. */
  readonly noise: Float64Array;
  /** Whether the last row of V belongs to the bias. */
  readonly biased: boolean;
}

/** What is known of the observation's accuracy. */
export interface Accuracy {
  /** Relative rounding of an observed number. */
  readonly roundoff: number;
  /** Standard deviation of independent noise on every entry; 0 for none. */
  readonly noiseStd: number;
}

/** [dW | db], or dW alone where the layer has no bias. */
export function augmentedGradient({ weightGradient, biasGradient }: ReluLayer): Matrix {
  return biasGradient === undefined ? weightGradient : appendColumn(weightGradient, biasGradient);
}

/**
 * Factors the gradient of a layer at a given rank and estimates the noise of every row from what the rank leaves over.
 *
 * A row is taken for a neuron that no sample activated when all of it is within the noise.
 */
export async function factorGradient(
  layer: ReluLayer,
  rank: number,
  { roundoff, noiseStd }: Accuracy,
  product: MatrixProduct,
): Promise<FactoredGradient> {
  const a = augmentedGradient(layer);
  const weights = layer.bias === undefined ? layer.weight : appendColumn(layer.weight, layer.bias);
  const { values, left, right } = await topSingular(a, rank, product);
  const scaled = matrix(
    a.rows,
    rank,
    left.data.map((value, at) => value * values[at % rank]!),
  );
  const fitted = await product(scaled, right, { transposeB: true });
  const free = Math.max(1, a.cols - rank);
  // Rounding of a row is relative to its own size, of which nothing may be left over where the rank is the whole width.
  const rowNoise = Float64Array.from({ length: a.rows }, (_, j) => {
    const row = a.data.subarray(j * a.cols, (j + 1) * a.cols);
    const rest = row.map((value, k) => value - fitted.data[j * a.cols + k]!);
    return Math.max(norm(rest) / Math.sqrt(free), (roundoff * norm(row)) / Math.sqrt(a.cols), noiseStd);
  });
  const typical = norm(rowNoise) / Math.sqrt(a.rows);
  const threshold = Math.max(8 * noiseStd * Math.sqrt(rank), 1e-3 * typical);
  const active = Array.from({ length: a.rows }, (_, j) => j).filter(
    (j) => norm(scaled.data.subarray(j * rank, (j + 1) * rank)) > threshold,
  );
  const rows = matrix(active.length, rank);
  const lengths = new Float64Array(active.length);
  active.forEach((j, n) => {
    const row = left.data.subarray(j * rank, (j + 1) * rank);
    const length = Math.sqrt(innerProduct(row, row));
    lengths[n] = length;
    for (let k = 0; k < rank; k++) rows.data[n * rank + k] = row[k]! / length;
  });
  return {
    rank,
    neurons: Int32Array.from(active),
    rows,
    lengths,
    values,
    right,
    layer: await product(weights, right),
    noise: Float64Array.from(active, (j, n) => rowNoise[j]! / lengths[n]!),
    biased: layer.bias !== undefined,
  };
}

/** How many deviations of its noise an entry may have and still count as zero. */
const deviations = 8;

/** Largest size of `rows · q` that is zero within the noise, row by row. */
export function zeroThreshold({ noise, values }: FactoredGradient, q: Float64Array): Float64Array {
  const amplification = norm(q.map((value, k) => value / values[k]!));
  // The entries of unit rows times a unit vector cannot be more accurate than the arithmetic.
  const arithmetic = deviations * Number.EPSILON * Math.sqrt(q.length);
  return noise.map((deviation) => Math.max(arithmetic, deviations * deviation * amplification));
}

/** Typical deviation of the noise of `rows · q` for a random unit q. */
export function typicalNoise({ noise, values, rank }: FactoredGradient): number {
  const median = noise.slice().sort()[noise.length >> 1] ?? 0;
  return median * Math.sqrt(values.reduce((sum, value) => sum + 1 / (value * value), 0) / rank);
}
