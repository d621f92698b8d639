import { type Matrix, matrix, qr, type Rng, type RowSpace } from "@recon/core";

/** Directions that are enough to see a distance to a fifth of its size. */
const mostDirections = 48;

/**
 * Random orthonormal directions N [d, k] outside of a row space: |Nᵀ v|² (d − r) / k estimates the square of the distance of v, at a fraction of the cost and without
 * the cancellation of |v|² − |Vᵀ v|².
 */
export function complementDirections({ basis, rank, width }: RowSpace, random: Rng): Matrix {
  const count = Math.min(mostDirections, width - rank);
  const columns = matrix(width, rank + count);
  for (let i = 0; i < width; i++) {
    columns.data.set(basis.data.subarray(i * rank, (i + 1) * rank), i * columns.cols);
    for (let k = rank; k < columns.cols; k++) columns.data[i * columns.cols + k] = random.normal();
  }
  // The basis comes first, so the columns behind it are made orthogonal to it.
  const { q } = qr(columns);
  const result = matrix(width, count);
  for (let i = 0; i < width; i++) {
    result.data.set(q.data.subarray(i * columns.cols + rank, (i + 1) * columns.cols), i * count);
  }
  return result;
}
