import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import { eigenWorkspace, lowestEigenvector } from "../../linear-algebra/symmetric-eigen.ts";
import type { FactoredGradient } from "./factored-gradient.ts";
import type { RemainingSpace } from "./remaining-space.ts";
import type { Step } from "./schedule.ts";

/** Inverse iterations a step: the vector of the step before is close already. */
const inverseIterations = 3;

/** Products of every pair of entries of a row of `rows`, a lower triangle by rows [n, r (r + 1) / 2]. */
export function pairProducts({ rows, rank }: FactoredGradient): Matrix {
  const triangle = (rank * (rank + 1)) / 2;
  const pairs = matrix(rows.rows, triangle);
  for (let j = 0, at = 0; j < rows.rows; j++) {
    const row = rows.data.subarray(j * rank, (j + 1) * rank);
    for (let k = 0; k < rank; k++) for (let l = 0; l <= k; l++, at++) pairs.data[at] = row[k]! * row[l]!;
  }
  return pairs;
}

/** Where a search starts from, one row a start. */
export interface Starts {
  /** Unit vectors q [N, r]. */
  readonly columns: Matrix;
  /** Random inputs that are left, in coordinates of the remaining space [N, k]: their half-spaces are the first ones. */
  readonly inputs: Matrix;
}

/**
 * Unit vectors q for which U q is sparse and its zeros lie on one side of the layer, from every start at once.
 *
 * Iteratively reweighted least squares: with v = rows · q,
 *
 *     tⱼ = 1 − 2 / (1 + (vⱼ/ε)²)                     how active the neuron looks, in [−1, 1]
 *     P  = layer · H t, scaled to unit deviation     pre-activation of the input that fits this pattern best, among those that are left
 *     wⱼ = (vⱼ² + ε²)^(p/2 − 1) · (σ(−κ Pⱼ) + 1e-6)  zeros are asked for where the fit says inactive
 *     q  = argmin qᵀ rowsᵀ diag(w) rows q / |N q|²
 *
 * The denominator keeps known columns from being found again, whatever multiples of them q holds.
 *
 * @param pairs from `pairProducts`
 * @returns unit vectors [N, r], not all of them columns.
 */
export async function sparseColumns(
  factored: FactoredGradient,
  pairs: Matrix,
  { basis, layer, fit }: RemainingSpace,
  starts: Starts,
  schedule: readonly Step[],
  product: MatrixProduct,
): Promise<Matrix> {
  const { rows, neurons, rank } = factored;
  const narrow = basis.rows < rank ? basis : undefined;
  const count = starts.columns.rows;
  const q = matrix(count, rank, starts.columns.data.slice());
  const workspace = eigenWorkspace(rank);
  const pattern = matrix(count, layer.rows, new Float64Array(count * layer.rows).fill(-1));
  const weights = matrix(count, rows.rows);

  async function reweigh({ smoothing, exponent, coupling }: Step, sides: Matrix | undefined): Promise<void> {
    const v = await product(q, rows, { transposeB: true });
    const square = smoothing * smoothing;
    const fitted = coupling === 0 ? undefined : (sides ?? (await sidesOf(v.data, square)));
    for (let i = 0; i < count; i++) {
      const side = fitted?.data.subarray(i * layer.rows, (i + 1) * layer.rows);
      const steepness = side === undefined ? 0 : coupling / deviation(side);
      for (let n = 0, at = i * rows.rows; n < rows.rows; n++, at++) {
        const measure = v.data[at]! * v.data[at]! + square;
        const weight = exponent === 1 ? 1 / Math.sqrt(measure) : 1 / measure;
        weights.data[at] =
          side === undefined ? weight : weight * (1 / (1 + Math.exp(steepness * side[neurons[n]!]!)) + 1e-6);
      }
    }
    const gram = await product(weights, pairs);
    for (let i = 0; i < count; i++) {
      const lower = gram.data.subarray(i * pairs.cols, (i + 1) * pairs.cols);
      lowestEigenvector(lower, q.data.subarray(i * rank, (i + 1) * rank), inverseIterations, workspace, narrow);
    }
  }

  async function sidesOf(v: Float64Array, square: number): Promise<Matrix> {
    for (let i = 0, at = 0; i < count; i++) {
      for (let n = 0; n < rows.rows; n++, at++) {
        pattern.data[i * layer.rows + neurons[n]!] = 1 - (2 * square) / (square + v[at]! * v[at]!);
      }
    }
    return product(await product(pattern, fit), layer, { transposeB: true });
  }

  await reweigh({ smoothing: 1, exponent: 1, coupling: 4 }, await product(starts.inputs, layer, { transposeB: true }));
  for (const step of schedule) await reweigh(step, undefined);
  return q;
}

function deviation(values: Float64Array): number {
  let total = 0;
  let square = 0;
  for (const value of values) {
    total += value;
    square += value * value;
  }
  const mean = total / values.length;
  return Math.sqrt(square / values.length - mean * mean) || 1;
}
