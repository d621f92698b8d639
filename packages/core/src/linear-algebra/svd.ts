import { Matrix as DenseMatrix, SingularValueDecomposition } from "ml-matrix";
import { rng } from "../random.ts";
import { type Matrix, matrix, transposed } from "./matrix.ts";
import { type MatrixProduct, multiply } from "./multiply.ts";
import { orthonormalColumns, qr } from "./qr.ts";

/** A ≈ U diag(s) Vᵀ with `values` descending, `left` = U [rows, k], `right` = V [cols, k]. */
export interface SingularValues {
  readonly values: Float64Array;
  readonly left: Matrix;
  readonly right: Matrix;
}

/**
 * Thin singular value decomposition, k = min(rows, cols): for small problems (up to a few hundred on the shorter side).
 *
 * A tall matrix is reduced by QR first, so that the iteration works on a k × k one.
 */
export function svd(a: Matrix): SingularValues {
  if (a.cols > a.rows) {
    const { values, left, right } = svd(transposed(a));
    return { values, left: right, right: left };
  }
  if (a.rows > a.cols) {
    const { q, r } = qr(a);
    const core = svd(r);
    return { ...core, left: multiply(q, core.left) };
  }
  const n = a.cols;
  const result = new SingularValueDecomposition(new DenseMatrix(Array.from({ length: n }, (_, i) => row(a, i))), {
    autoTranspose: true,
  });
  const fill = (m: DenseMatrix): Matrix => matrix(n, n, m.to1DArray());
  return {
    values: Float64Array.from(result.diagonal),
    left: fill(result.leftSingularVectors),
    right: fill(result.rightSingularVectors),
  };
}

/**
 * The `count` largest singular values and their vectors, by block subspace iteration from a fixed random start.
 *
 * Values after a gap are accurate to rounding of the largest; without gaps the last few are estimates from below.
 * Cost: `count` + 8 columns through A and Aᵀ, `passes` + 1 times each.
 *
 * @see N. Halko, P. G. Martinsson, J. A. Tropp, "Finding structure with randomness", SIAM Review 53 (2011), algorithm 4.4.
 */
export async function topSingular(
  a: Matrix,
  count: number,
  product: MatrixProduct,
  passes = 2,
): Promise<SingularValues> {
  const shorter = Math.min(a.rows, a.cols);
  const width = Math.min(shorter, count + 8);
  if (width === shorter && shorter <= 64) return leading(svd(a), count);
  const start = rng("subspace iteration");
  const probe = matrix(
    a.cols,
    width,
    Float64Array.from({ length: a.cols * width }, () => start.normal()),
  );
  let basis = await orthonormalColumns(await product(a, probe), product);
  for (let pass = 0; pass < passes; pass++) {
    const back = await orthonormalColumns(await product(a, basis, { transposeA: true }), product);
    basis = await orthonormalColumns(await product(a, back), product);
  }
  // Aᵀ Q = P R with P orthonormal leaves a width × width matrix to decompose: R = U S Wᵀ, and then A ≈ (Q W) S (P U)ᵀ.
  const turned = await product(a, basis, { transposeA: true });
  const rows = await orthonormalColumns(turned, product);
  const { values, left, right } = svd(await product(rows, turned, { transposeA: true }));
  return leading({ values, left: await product(basis, right), right: await product(rows, left) }, count);
}

/** The first `count` values and columns. */
function leading(all: SingularValues, count: number): SingularValues {
  const k = Math.min(count, all.values.length);
  const first = (m: Matrix): Matrix =>
    matrix(
      m.rows,
      k,
      Float64Array.from({ length: m.rows * k }, (_, i) => m.data[Math.floor(i / k) * m.cols + (i % k)]!),
    );
  return { values: all.values.slice(0, k), left: first(all.left), right: first(all.right) };
}

function row(a: Matrix, i: number): number[] {
  return Array.from(a.data.subarray(i * a.cols, (i + 1) * a.cols));
}
