import { EigenvalueDecomposition, Matrix as SmallMatrix } from "ml-matrix";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, multiply } from "../../linear-algebra/multiply.ts";

/** Columns of Y that take part in the first estimate: more cost time and carry little. */
const mostColumns = 128;
/** Columns whose moments are formed at once. */
const together = 8;

/**
 * The span of the inputs of a block from a gradient whose entries went through any function φ each: rounding, signs, a threshold below which they are zero.
 *
 * Y_jk = φ(Σᵢ rᵢ s′(w_j · xᵢ) xᵢₖ) depends on w_j through the projections w_j · xᵢ alone, whatever φ is, so by Stein's lemma the moments
 *
 *     P_k = Σ_j Y_jk (w_j w_jᵀ − I)   and   p_k = Σ_j Y_jk w_j
 *
 * of Gaussian weights lie in span{xᵢ} up to sampling noise, where the rows of Y themselves no longer do. The span is that of the leading eigenvectors of
 * Σ_k (P_k P_kᵀ + p_k p_kᵀ), improved by alternating between the modes of the tensor Y_jk He₂(w_j).
 *
 * @param weights w_j ~ N(0, I) as rows [m, d]
 * @param seen Y [m, d]
 * @returns V [d, count] with orthonormal columns.
 * @see L. De Lathauwer, B. De Moor, J. Vandewalle, "On the best rank-1 and rank-(R1, …, RN) approximation of higher-order tensors", SIAM J. Matrix Anal.
 * Appl. 21 (2000), for the alternation.
 */
export async function momentSpan(
  weights: Matrix,
  seen: Matrix,
  count: number,
  product: MatrixProduct,
  rounds = 8,
): Promise<Matrix> {
  const { w, y } = withoutEmptyRows(weights, seen);
  let basis = leadingEigenvectors(await momentGram(w, y, product), count);
  for (let round = 0; round < rounds; round++) {
    const moments = await alternate(w, y, basis, product);
    basis = leadingEigenvectors(multiply(moments, moments, { transposeB: true }), count);
  }
  return basis;
}

/** Neurons of which nothing was seen add nothing. */
function withoutEmptyRows(weights: Matrix, seen: Matrix): { readonly w: Matrix; readonly y: Matrix } {
  const { cols } = weights;
  const kept = Array.from({ length: weights.rows }, (_, j) => j).filter((j) =>
    seen.data.subarray(j * cols, (j + 1) * cols).some((value) => value !== 0),
  );
  const rows = (from: Matrix): Matrix => {
    const result = matrix(kept.length, cols);
    kept.forEach((j, i) => {
      result.data.set(from.data.subarray(j * cols, (j + 1) * cols), i * cols);
    });
    return result;
  };
  return { w: rows(weights), y: rows(seen) };
}

/** Σ_k (P_k P_kᵀ + p_k p_kᵀ) over the columns of most weight. */
async function momentGram(w: Matrix, y: Matrix, product: MatrixProduct): Promise<Matrix> {
  const { rows: m, cols: d } = w;
  const gram = matrix(d, d);
  const columns = heaviestColumns(y, mostColumns);
  for (let start = 0; start < columns.length; start += together) {
    const operand = matrix(m, together * (d + 1));
    const totals = new Float64Array(together);
    columns.slice(start, start + together).forEach((k, c) => {
      for (let j = 0; j < m; j++) {
        const value = y.data[j * d + k]!;
        if (value === 0) continue;
        totals[c]! += value;
        const to = j * operand.cols + c * (d + 1);
        for (let e = 0; e < d; e++) operand.data[to + e] = value * w.data[j * d + e]!;
        operand.data[to + d] = value;
      }
    });
    const moments = await product(w, operand, { transposeA: true });
    for (let c = 0; c < together; c++) {
      for (let e = 0; e < d; e++) moments.data[e * moments.cols + c * (d + 1) + e]! -= totals[c]!;
    }
    const part = await product(moments, moments, { transposeB: true });
    for (let i = 0; i < gram.data.length; i++) gram.data[i]! += part.data[i]!;
  }
  return gram;
}

function heaviestColumns({ rows, cols, data }: Matrix, most: number): number[] {
  const squares = new Float64Array(cols);
  for (let j = 0, n = 0; j < rows; j++) for (let k = 0; k < cols; k++, n++) squares[k]! += data[n]! * data[n]!;
  const order = Array.from(squares.keys()).sort((a, b) => squares[b]! - squares[a]!);
  return order.slice(0, most);
}

/** One sweep over the tensor's modes: that of Y by the current basis, then that of w by both. */
async function alternate(w: Matrix, y: Matrix, basis: Matrix, product: MatrixProduct): Promise<Matrix> {
  const [m, d, n] = [w.rows, w.cols, basis.cols];
  const u = await product(w, basis);
  const polynomials = matrix(m, n * n);
  for (let j = 0, at = 0; j < m; j++) {
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++, at++)
        polynomials.data[at] = u.data[j * n + a]! * u.data[j * n + b]! - (a === b ? 1 : 0);
    }
  }
  const byColumn = await product(y, polynomials, { transposeA: true });
  const output = leadingEigenvectors(multiply(byColumn, byColumn, { transposeB: true }), n);
  const h = multiply(y, output);
  const mixed = matrix(m, n * n);
  const totals = new Float64Array(n);
  for (let j = 0, at = 0; j < m; j++) {
    for (let a = 0; a < n; a++) {
      totals[a]! += h.data[j * n + a]!;
      for (let b = 0; b < n; b++, at++) mixed.data[at] = h.data[j * n + a]! * u.data[j * n + b]!;
    }
  }
  const moments = await product(w, mixed, { transposeA: true });
  for (let e = 0; e < d; e++) {
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) moments.data[(e * n + a) * n + b]! -= totals[a]! * basis.data[e * n + b]!;
    }
  }
  return moments;
}

/** Eigenvectors of the largest eigenvalues of a symmetric matrix, as columns. */
function leadingEigenvectors(a: Matrix, count: number): Matrix {
  const n = a.rows;
  const rows = Array.from({ length: n }, (_, i) => Array.from(a.data.subarray(i * n, (i + 1) * n)));
  const { eigenvectorMatrix } = new EigenvalueDecomposition(new SmallMatrix(rows), { assumeSymmetric: true });
  // Eigenvalues come in ascending order.
  const result = matrix(n, count);
  for (let i = 0; i < n; i++)
    for (let c = 0; c < count; c++) result.data[i * count + c] = eigenvectorMatrix.get(i, n - 1 - c);
  return result;
}
