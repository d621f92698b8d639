import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import { eigenWorkspace, lowestEigenvector } from "../../linear-algebra/symmetric-eigen.ts";
import type { FactoredGradient } from "./factored-gradient.ts";

/**
 * For inputs V t whose direction is known: the q that vanish at all neurons which the input does not activate.
 *
 * Such directions come from neurons that a single sample activated, whose row of the gradient is the input, and from the last sample that is missing. The
 * sign of t is open, so both are tried; of all inputs only those are kept that have such a q.
 *
 * @param duals S⁻¹ t as unit vectors [k, r]
 * @param nearly size of `rows · q` that counts as nearly zero.
 * @returns unit vectors, at most 2 k.
 */
export async function columnsOfInputs(
  { rows, neurons, rank, values, layer }: FactoredGradient,
  pairs: Matrix,
  duals: Matrix,
  nearly: number,
  product: MatrixProduct,
): Promise<Float64Array[]> {
  const inputs = matrix(
    duals.rows,
    rank,
    duals.data.map((value, at) => value * values[at % rank]!),
  );
  const z = await product(inputs, layer, { transposeB: true });
  const inactive = matrix(2 * duals.rows, rows.rows);
  for (let i = 0; i < duals.rows; i++) {
    for (let n = 0, at = 2 * i * rows.rows; n < rows.rows; n++, at++) {
      const off = z.data[i * z.cols + neurons[n]!]! <= 0 ? 1 : 0;
      inactive.data[at] = off;
      inactive.data[at + rows.rows] = 1 - off;
    }
  }
  const gram = await product(inactive, pairs);
  const workspace = eigenWorkspace(rank);
  const found: Float64Array[] = [];
  for (let i = 0; i < inactive.rows; i++) {
    const lower = gram.data.subarray(i * pairs.cols, (i + 1) * pairs.cols);
    const dual = duals.data.slice((i >> 1) * rank, ((i >> 1) + 1) * rank);
    const value = lowestEigenvector(lower, dual, 4, workspace);
    if (value < nearly * nearly * rows.rows) found.push(dual);
  }
  return found;
}
