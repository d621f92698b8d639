import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import { qr } from "../../linear-algebra/qr.ts";
import { topSingular } from "../../linear-algebra/svd.ts";
import type { Rng } from "../../random.ts";
import { rankTest } from "../rank.ts";
import type { ExactResult } from "../result.ts";

/** The space that the rows of a gradient span. */
export interface RowSpan {
  /** Orthonormal columns [d, B]. */
  readonly basis: Matrix;
  readonly rank: number;
  /** Ratio of the last singular value that counts to the next. */
  readonly gap: number;
}

/** What is known of the gradient's accuracy, and what the work is done with. */
export interface RowSpanOptions {
  readonly precision: "float32" | "float64";
  readonly noiseStd: number;
  /** Number of samples where it is told: it decides where noise leaves the rank open. */
  readonly batchSize?: number;
  readonly product: MatrixProduct;
  readonly rng: Rng;
}

const buckets = 512;
const largestRank = 256;

/**
 * The exact span of the inputs: every row of G = Σᵢ δᵢ xᵢᵀ is a combination of the B inputs, so its B right singular vectors span them without any
 * statistical error.
 *
 * A tall gradient without noise is first summed into 512 rows with random signs, which has the same row space; one pass over all rows then takes the rounding out of the basis.
 *
 * @param gradient G [m, d]
 * @see K. L. Clarkson, D. P. Woodruff, "Low rank approximation and regression in input sparsity time", STOC 2013, for the sum with signs.
 */
export async function rowSpan(gradient: Matrix, options: RowSpanOptions): Promise<ExactResult<RowSpan>> {
  const { precision, noiseStd, batchSize, product, rng } = options;
  const short = noiseStd > 0 || gradient.rows < 4 * buckets;
  const rows = short ? gradient : summedRows(gradient, rng);
  const found = await rankTest(rows, undefined, { precision, noiseStd, product, limit: largestRank });
  const rank = found.value?.rank ?? (noiseStd > 0 ? batchSize : undefined);
  const { residual, assumptions, reason } = found;
  if (rank === undefined) return { residual, assumptions, reason };
  const { right } = await topSingular(rows, rank, product);
  const basis = short ? right : await refined(gradient, right, product);
  return { value: { basis, rank, gap: found.value?.gap ?? 1 }, residual, assumptions, reason };
}

/** Every row added to one of a few with a random sign. */
function summedRows(a: Matrix, rng: Rng): Matrix {
  const { rows, cols, data } = a;
  const random = rng.split("row sums");
  const sums = matrix(buckets, cols);
  for (let i = 0; i < rows; i++) {
    const target = (i % buckets) * cols;
    const sign = random.uniform() < 0.5 ? -1 : 1;
    for (let j = 0, at = i * cols; j < cols; j++, at++) sums.data[target + j]! += sign * data[at]!;
  }
  return sums;
}

/** One step of subspace iteration over all rows, orthonormal in between. */
async function refined(a: Matrix, basis: Matrix, product: MatrixProduct): Promise<Matrix> {
  const left = qr(await product(a, basis)).q;
  return qr(await product(a, left, { transposeA: true })).q;
}
