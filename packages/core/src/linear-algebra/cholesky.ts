import { ReconError } from "../errors.ts";
import { rng } from "../random.ts";
import { block, type Matrix, matrix } from "./matrix.ts";
import type { MatrixProduct } from "./multiply.ts";
import { inverseLower, solveLower, solveLowerTransposed } from "./triangular.ts";
import { innerProduct, rangeInnerProduct } from "./vector.ts";

/** How a factorisation is carried out. */
export interface CholeskyOptions {
  /** Where the products of blocks are computed; the factorisation spends nearly all its time there. */
  readonly product: MatrixProduct;
  /** Columns of a panel, 192 by default: wide enough for the products, narrow enough for the loops on its diagonal block. */
  readonly panel?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A factor of A + ridge · I. */
export interface RidgedFactor {
  readonly factor: Matrix;
  readonly ridge: number;
  /** Mean of the diagonal of A. */
  readonly meanDiagonal: number;
}

/**
 * A = L Lᵀ for a symmetric positive definite A, in place: L overwrites the lower triangle and zeros the upper one.
 *
 * Only the lower triangle is read. Left-looking by panels J of columns: A_J −= L_{·,<J} L_{J,<J}ᵀ as one product; its diagonal block by
 * loops; the rest of the panel times L_JJ⁻ᵀ as one product.
 *
 * @returns `a`, now L.
 * @throws ReconError `not-positive-definite` with the first pivot that is not positive; `shape` when A is not square. A is then spoilt.
 * @see G. H. Golub, C. F. Van Loan, "Matrix Computations", 4th ed., 4.2.9 (block Cholesky).
 */
export async function cholesky(a: Matrix, options: CholeskyOptions): Promise<Matrix> {
  const { product, panel = 192, signal } = options;
  const { rows: n, data } = a;
  if (a.cols !== n) throw new ReconError("shape", `Cholesky needs a square matrix, and this one is ${n} x ${a.cols}.`);
  // The finished columns must lie contiguous for the products; one buffer serves all panels, the largest needing n² / 4 numbers.
  const finished = new Float64Array(n > panel ? Math.ceil((n * n) / 4) : 0);
  for (let start = 0; start < n; start += panel) {
    signal?.throwIfAborted();
    const width = Math.min(panel, n - start);
    const below = n - start;
    if (start > 0) {
      for (let i = 0; i < below; i++) {
        const row = (start + i) * n;
        finished.set(data.subarray(row, row + start), i * start);
      }
      const done = matrix(below, start, finished.subarray(0, below * start));
      const top = matrix(width, start, finished.subarray(0, width * start));
      const update = await product(done, top, { transposeB: true });
      for (let i = 0; i < below; i++) {
        const row = (start + i) * n + start;
        for (let j = 0, from = i * width; j < width; j++, from++) data[row + j]! -= update.data[from]!;
      }
    }
    const diagonal = block(a, start, start, width, width);
    factorDiagonal(diagonal, start);
    write(diagonal, a, start, start);
    if (below > width) {
      const rest = block(a, start + width, start, below - width, width);
      write(await product(rest, inverseLower(diagonal), { transposeB: true }), a, start + width, start);
    }
    for (let i = start; i < start + width; i++) data.fill(0, i * n + start + width, (i + 1) * n);
  }
  return a;
}

/**
 * The factor of A plus a ridge of `share` times the mean of its diagonal, in place.
 *
 * @returns undefined when the sum is not positive definite to working precision; A is then spoilt.
 */
export async function ridgedCholesky(
  a: Matrix,
  share: number,
  options: CholeskyOptions,
): Promise<RidgedFactor | undefined> {
  const { rows: n, data } = a;
  let meanDiagonal = 0;
  for (let i = 0; i < n; i++) meanDiagonal += data[i * n + i]! / n;
  const ridge = share * meanDiagonal;
  for (let i = 0; i < n; i++) data[i * n + i]! += ridge;
  try {
    return { factor: await cholesky(a, options), ridge, meanDiagonal };
  } catch (error) {
    if (error instanceof ReconError && error.code === "not-positive-definite") return undefined;
    throw error;
  }
}

/** x with A x = b, given the factor L of A = L Lᵀ. */
export function choleskySolve(l: Matrix, b: ArrayLike<number>): Float64Array {
  return solveLowerTransposed(l, solveLower(l, b));
}

/**
 * Smallest eigenvalue of a symmetric positive definite n × n matrix A from what solves A x = b, by inverse iteration: an estimate from above good to a factor of about two after two steps.
 *
 * The start has entries of one size and scattered signs, so that no eigenvector of a structured matrix is orthogonal to it by accident.
 */
export function inverseIteration(solve: (b: Float64Array) => Float64Array, n: number, steps = 2): number {
  let x: Float64Array = Float64Array.from({ length: n }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) & 0x10000 ? 1 : -1));
  let value = Number.POSITIVE_INFINITY;
  for (let step = 0; step < steps; step++) {
    let square = 0;
    for (const entry of x) square += entry * entry;
    const scale = 1 / Math.sqrt(square);
    for (let i = 0; i < n; i++) x[i]! *= scale;
    const y = solve(x);
    let overlap = 0;
    for (let i = 0; i < n; i++) overlap += x[i]! * y[i]!;
    value = 1 / overlap;
    x = y;
  }
  return value;
}

/**
 * tr(A⁻¹) of a symmetric positive definite n × n matrix from what solves A x = b: the mean of sᵀ A⁻¹ s over a few vectors of random signs.
 *
 * @see M. F. Hutchinson, "A stochastic estimator of the trace of the influence matrix", Commun. Stat. Simul. Comput. 18 (1989).
 */
export function inverseTrace(solve: (b: Float64Array) => Float64Array, n: number, probes = 4): number {
  const random = rng("trace of an inverse");
  let trace = 0;
  for (let probe = 0; probe < probes; probe++) {
    const signs = Float64Array.from({ length: n }, () => (random.uniform() < 0.5 ? -1 : 1));
    trace += innerProduct(signs, solve(signs)) / probes;
  }
  return trace;
}

/** Smallest eigenvalue of A = L Lᵀ, by `inverseIteration`. */
export function smallestEigenvalue(l: Matrix, steps = 2): number {
  return inverseIteration((b) => choleskySolve(l, b), l.rows, steps);
}

function factorDiagonal(d: Matrix, offset: number): void {
  const { rows: n, data } = d;
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j <= i; j++) {
      const other = j * n;
      const total = data[row + j]! - rangeInnerProduct(data, row, data, other, j);
      if (j < i) data[row + j] = total / data[other + j]!;
      else if (total > 0) data[row + i] = Math.sqrt(total);
      else {
        throw new ReconError(
          "not-positive-definite",
          `Cholesky: pivot ${offset + i} is ${total}. The matrix is not positive definite to working precision; add a ridge to its diagonal.`,
        );
      }
    }
    data.fill(0, row + i + 1, row + n);
  }
}

function write(source: Matrix, target: Matrix, row: number, col: number): void {
  for (let i = 0; i < source.rows; i++) {
    target.data.set(source.data.subarray(i * source.cols, (i + 1) * source.cols), (row + i) * target.cols + col);
  }
}
