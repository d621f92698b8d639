import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import { topSingular } from "../../linear-algebra/svd.ts";
import { norm } from "../../linear-algebra/vector.ts";

/** The affine hull of the margin samples, as the first layer's weights show it. */
export interface MarginSpan {
  /** Singular values of [W₁ | b₁], descending, those counted and a few behind. */
  readonly values: Float64Array;
  readonly rank: number;
  /** Ratio of the last counted singular value to the next. */
  readonly gap: number;
  /** Orthonormal columns V [d + 1, rank] of its row space. */
  readonly basis: Matrix;
  /** Coordinates in V of the point of the hull nearest to the origin [rank]. */
  readonly origin: Float64Array;
  /** Orthonormal columns N [rank, rank − 1], along which the last entry of V c does not change. */
  readonly directions: Matrix;
}

/**
 * Where the margin samples lie: every row of [W₁ | b₁] = Σᵢ λᵢ yᵢ δᵢ (xᵢ, 1)ᵀ is a combination of them, so the row space is their span, and a sample is a
 * vector V c of it whose last entry is 1: c = c₀ + N t with `rank` − 1 free numbers t.
 *
 * @param most largest rank that comes into question, as the number of samples; the rank is where the largest gap lies up to there.
 */
export async function marginSpan(first: Matrix, most: number, product: MatrixProduct): Promise<MarginSpan> {
  const shorter = Math.min(first.rows, first.cols);
  const count = Math.min(shorter, most + 8);
  const { values, right } = await topSingular(first, count, product, 6);
  const rank = rankByGap(values, Math.min(most, shorter));
  const basis = matrix(
    first.cols,
    rank,
    Float64Array.from({ length: first.cols * rank }, (_, at) => {
      const [i, k] = [Math.floor(at / rank), at % rank];
      return right.data[i * right.cols + k]!;
    }),
  );
  const last = basis.data.subarray((first.cols - 1) * rank, first.cols * rank);
  const square = norm(last) ** 2;
  const origin = last.map((value) => value / square);
  const next = values[rank] ?? 0;
  return {
    values,
    rank,
    gap: next > 0 ? values[rank - 1]! / next : Number.POSITIVE_INFINITY,
    basis,
    origin,
    directions: orthogonalTo(last),
  };
}

/** Where the largest ratio of neighbours lies among the first `most` values. */
function rankByGap(values: Float64Array, most: number): number {
  let [rank, largest] = [1, 0];
  for (let k = 1; k <= Math.min(most, values.length); k++) {
    const next = values[k] ?? 0;
    // At the last one the ratio to zero means that every direction is there.
    const ratio = next > 0 ? values[k - 1]! / next : Number.POSITIVE_INFINITY;
    if (ratio > largest) [rank, largest] = [k, ratio];
  }
  return rank;
}

/** Orthonormal columns [r, r − 1] of what is orthogonal to a vector, from a Householder reflection. */
function orthogonalTo(vector: Float64Array): Matrix {
  const r = vector.length;
  const size = norm(vector);
  const u = Float64Array.from(vector);
  u[0]! += vector[0]! >= 0 ? size : -size;
  const square = norm(u) ** 2;
  const result = matrix(r, r - 1);
  for (let i = 0; i < r; i++) {
    for (let k = 1; k < r; k++) result.data[i * (r - 1) + k - 1] = (i === k ? 1 : 0) - (2 * u[i]! * u[k]!) / square;
  }
  return result;
}
