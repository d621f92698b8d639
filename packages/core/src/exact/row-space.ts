import { type Matrix, matrix } from "../linear-algebra/matrix.ts";
import { type MatrixProduct, plainProduct } from "../linear-algebra/multiply.ts";
import { topSingular } from "../linear-algebra/svd.ts";
import { norm } from "../linear-algebra/vector.ts";
import type { RankOptions } from "./rank.ts";
import { type ExactResult, unitRoundoff } from "./result.ts";
import { betaBound, chiSquareQuantile } from "./span.ts";

/** How a row space is found; `limit` is the shorter side of the matrix unless said. */
export interface RowSpaceOptions extends RankOptions {
  /** Share of true members that `distancesFrom` rejects, 1e-3 unless said. */
  readonly missRate?: number;
}

/** The row space of a matrix as far as it stands above rounding and noise. */
export interface RowSpace {
  readonly rank: number;
  /** d, the length of a row. */
  readonly width: number;
  /** Orthonormal columns V [d, rank]. */
  readonly basis: Matrix;
  /** Singular values of the basis, descending [rank]. */
  readonly values: Float64Array;
  /** Ratio of the last counted singular value to the next; infinite when there is none. */
  readonly gap: number;
  /** Standard deviation of rounding or noise of an entry. */
  readonly std: number;
  /** Relative rounding of the rows that make up the matrix. */
  readonly rounding: number;
  readonly missRate: number;
  /** Upper bound of the probability that a vector of uniformly random direction is accepted. */
  readonly falsePositiveRate: number;
}

/** A few roundings of sums of many terms. */
const roundings = 8;

/** What a program of a few layers loses on the way to a row, in units of the rounding of one number. */
const roundingsOfRows = 32;

/**
 * The row space of A = Δᵀ X, which holds every row of X where Δ has full rank, without asking for a gap in the spectrum.
 *
 * Singular values count that exceed what rounding (8 u ‖A‖ / √(m d) an entry, u the unit roundoff) or noise of standard deviation σ alone produces, 1.1 σ (√m + √d).
 * Whoever needs to know that no true direction lies below reads `gap`: near 1, some may.
 *
 * @param a [m, d]
 * @returns residual: share of ‖A‖ outside of the space. The value is absent for a matrix of zeros or without a direction above the noise.
 */
export async function rowSpace(a: Matrix, options: RowSpaceOptions): Promise<ExactResult<RowSpace>> {
  const { precision, noiseStd = 0, product = plainProduct, missRate = 1e-3 } = options;
  const assumptions = noiseStd > 0 ? ["defenceParams"] : [];
  const size = norm(a.data);
  const fail = (reason: string): ExactResult<RowSpace> => ({ residual: Number.NaN, assumptions, reason });
  if (!(size > 0) || !Number.isFinite(size))
    return fail("The gradient is zero or not finite: it has no rows to speak of.");
  const std = Math.max(noiseStd, (roundings * unitRoundoff[precision] * size) / Math.sqrt(a.rows * a.cols));
  const threshold = 1.1 * std * (Math.sqrt(a.rows) + Math.sqrt(a.cols));
  const shorter = Math.min(a.rows, a.cols);
  const limit = Math.min(shorter, options.limit ?? shorter);
  for (let count = Math.min(48, shorter); ; count = Math.min(2 * count, shorter)) {
    const { values, right } = await topSingular(a, count, product);
    const rank = values.filter((value) => value > threshold).length;
    if (rank === count && count < shorter) {
      if (count < limit) continue;
      return fail(`The rank is ${limit} or more; the search stopped there.`);
    }
    if (rank === 0) return fail("No direction of the gradient stands above its noise.");
    const next = values[rank] ?? 0;
    const tail = Math.sqrt(
      Math.max(0, size ** 2 - values.subarray(0, rank).reduce((sum, value) => sum + value ** 2, 0)),
    );
    const gap = next > 0 ? values[rank - 1]! / next : Number.POSITIVE_INFINITY;
    const freedom = a.cols - rank;
    const rounding = roundingsOfRows * unitRoundoff[precision];
    const reach = (std / values[rank - 1]!) ** 2 * quantileOf(freedom, missRate) + rounding ** 2;
    const value: RowSpace = {
      rank,
      width: a.cols,
      basis: firstColumns(right, rank),
      values: values.slice(0, rank),
      gap,
      std,
      rounding,
      missRate,
      falsePositiveRate: freedom === 0 ? 1 : betaBound(reach, freedom / 2, rank / 2),
    };
    const reason = `${rank} directions above ${threshold.toExponential(1)}, gap ${gap.toPrecision(3)}.`;
    return { value, residual: tail / size, assumptions, reason };
  }
}

/** How far vectors are from a row space. */
export interface SpaceDistances {
  /** ‖v − V Vᵀ v‖ / ‖v‖ of every vector. */
  readonly distances: Float64Array;
  /** The square of the distance over what tilt and rounding account for: a member's is at most 1, but for the share `missRate`. */
  readonly statistics: Float64Array;
  /**
   * ‖c‖ of the shortest combination cᵀ A of the rows that gives the vector, ‖S⁻¹ Vᵀ v‖. A row of X needs no more than 1 / σ_min(Δ), and a vector that is a sum of several rows
   * usually more: among members, those of short combinations are more likely rows themselves.
   */
  readonly combinations: Float64Array;
}

/**
 * How far vectors are from a row space, and whether tilt and rounding account for it: as in `spanTest`, for many vectors at once.
 *
 *     statistic = ‖v − V Vᵀ v‖² / (σ² ‖S⁻¹ Vᵀ v‖² χ²_{d−r}(1 − missRate) + (32 u ‖v‖)²)
 *
 * @param vectors one a row [n, d]; a zero row is never a member. Where the space is everything, every vector is.
 */
export async function distancesFrom(
  { basis, values, width, rank, std, rounding, missRate }: RowSpace,
  vectors: Matrix,
  product: MatrixProduct = plainProduct,
): Promise<SpaceDistances> {
  const count = vectors.rows;
  const distances = new Float64Array(count);
  const statistics = new Float64Array(count);
  const combinations = new Float64Array(count);
  if (count === 0) return { distances, statistics, combinations };
  const coordinates = await product(vectors, basis);
  const inside = await product(coordinates, basis, { transposeB: true });
  const quantile = quantileOf(width - rank, missRate);
  for (let i = 0; i < count; i++) {
    let size = 0;
    let outside = 0;
    for (let j = i * width; j < (i + 1) * width; j++) {
      size += vectors.data[j]! ** 2;
      outside += (vectors.data[j]! - inside.data[j]!) ** 2;
    }
    let tilt = 0;
    for (let k = 0; k < rank; k++) tilt += (coordinates.data[i * rank + k]! / values[k]!) ** 2;
    combinations[i] = Math.sqrt(tilt);
    distances[i] = size > 0 ? Math.sqrt(outside / size) : 1;
    statistics[i] = size > 0 ? outside / (std ** 2 * tilt * quantile + rounding ** 2 * size) : Number.POSITIVE_INFINITY;
  }
  return { distances, statistics, combinations };
}

const quantileOf = (freedom: number, missRate: number): number =>
  freedom === 0 ? 0 : chiSquareQuantile(freedom, missRate);

function firstColumns(m: Matrix, count: number): Matrix {
  const result = matrix(m.rows, count);
  for (let i = 0; i < m.rows; i++) {
    for (let k = 0; k < count; k++) result.data[i * count + k] = m.data[i * m.cols + k]!;
  }
  return result;
}
