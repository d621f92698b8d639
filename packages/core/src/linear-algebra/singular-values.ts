import { type Matrix, matrix, transposed } from "./matrix.ts";
import { rangeInnerProduct } from "./vector.ts";

/**
 * All singular values of a dense matrix, descending, without their vectors; each to a few roundings of the largest.
 *
 * Householder QR, then bidiagonalisation of R, then bisection on the eigenvalues ±σ of the Golub–Kahan tridiagonal matrix. About 2 m n² + 8/3 n³
 * operations for m × n with n the shorter side: a second for 700 × 3,000.
 *
 * @see G. H. Golub, C. F. Van Loan, "Matrix Computations", 4th ed., 5.4.9 (R-bidiagonalisation) and 8.4.1 (bisection).
 */
export function singularValues(a: Matrix): Float64Array {
  const short = Math.min(a.rows, a.cols);
  if (short === 0) return new Float64Array();
  // Rows of this array are the columns of the tall orientation, contiguous in memory.
  const columns = a.rows >= a.cols ? transposed(a) : matrix(a.rows, a.cols, a.data.slice());
  return bidiagonalValues(bidiagonal(triangle(columns)));
}

interface Bidiagonal {
  readonly diagonal: Float64Array;
  readonly above: Float64Array;
}

/** R of a Householder QR; n × n with its columns as rows. `columns` is overwritten. */
function triangle(columns: Matrix): Matrix {
  const { rows: n, cols: m, data } = columns;
  const r = matrix(n, n);
  for (let k = 0; k < n; k++) {
    const head = reflect(data, k * m + k, m - k);
    if (head !== 0) for (let j = k + 1; j < n; j++) apply(data, k * m + k, j * m + k, m - k);
    for (let i = 0; i < k; i++) r.data[k * n + i] = data[k * m + i]!;
    r.data[k * n + k] = head;
  }
  return r;
}

/** The bidiagonal form of a square matrix given by its columns as rows, which is overwritten. */
function bidiagonal({ rows: n, data }: Matrix): Bidiagonal {
  const diagonal = new Float64Array(n);
  const above = new Float64Array(Math.max(0, n - 1));
  const direction = new Float64Array(n);
  const along = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const length = n - k;
    diagonal[k] = reflect(data, k * n + k, length);
    if (diagonal[k] !== 0) for (let j = k + 1; j < n; j++) apply(data, k * n + k, j * n + k, length);
    if (k === n - 1) break;
    const width = n - k - 1;
    for (let j = 0; j < width; j++) direction[j] = data[(k + 1 + j) * n + k]!;
    above[k] = reflect(direction, 0, width);
    if (above[k] === 0) continue;
    along.fill(0, k + 1);
    for (let j = 0; j < width; j++) {
      const column = (k + 1 + j) * n;
      const weight = direction[j]!;
      for (let i = k + 1; i < n; i++) along[i]! += weight * data[column + i]!;
    }
    for (let j = 0; j < width; j++) {
      const column = (k + 1 + j) * n;
      const weight = 2 * direction[j]!;
      for (let i = k + 1; i < n; i++) data[column + i]! -= weight * along[i]!;
    }
  }
  return { diagonal, above };
}

/** Replaces a vector by the unit normal u of the reflection I − 2uuᵀ that maps it to a multiple of the first axis; returns that multiple, 0 for a zero vector. */
function reflect(data: Float64Array, start: number, length: number): number {
  const size = Math.sqrt(rangeInnerProduct(data, start, data, start, length));
  if (size === 0) return 0;
  const first = data[start]!;
  const target = first > 0 ? -size : size;
  data[start] = first - target;
  // ‖v − t e₁‖² = 2 t (t − v₁), without cancellation by the choice of the sign of t.
  const scale = 1 / Math.sqrt(2 * target * (target - first));
  for (let i = start; i < start + length; i++) data[i]! *= scale;
  return target;
}

/** Applies the reflection of the unit normal at `normal` to the vector at `vector`. */
function apply(data: Float64Array, normal: number, vector: number, length: number): void {
  const twice = 2 * rangeInnerProduct(data, normal, data, vector, length);
  for (let i = 0; i < length; i++) data[vector + i]! -= twice * data[normal + i]!;
}

function bidiagonalValues({ diagonal, above }: Bidiagonal): Float64Array {
  const n = diagonal.length;
  // The tridiagonal matrix with zero diagonal and d₁, e₁, d₂, e₂, … beside it has the eigenvalues ±σ.
  const squares = new Float64Array(2 * n - 1);
  for (let i = 0; i < n; i++) squares[2 * i] = diagonal[i]! ** 2;
  for (let i = 0; i < n - 1; i++) squares[2 * i + 1] = above[i]! ** 2;
  let bound = 0;
  for (let i = 0; i < squares.length; i++) {
    bound = Math.max(bound, Math.sqrt(squares[i]!) + Math.sqrt(squares[i + 1] ?? 0));
  }
  if (bound === 0) return new Float64Array(n);
  const smallerThan = (x: number): number => {
    let pivot = -x;
    let negative = 1;
    for (const square of squares) {
      pivot = -x - square / (pivot === 0 ? Number.MIN_VALUE * 2 ** 52 : pivot);
      if (pivot < 0) negative++;
    }
    return negative - n;
  };
  const ascending = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    let low = k === 0 ? 0 : ascending[k - 1]!;
    let high = bound * (1 + 4 * Number.EPSILON);
    while (high - low > (Number.EPSILON / 4) * bound) {
      const middle = (low + high) / 2;
      if (middle <= low || middle >= high) break;
      if (smallerThan(middle) > k) high = middle;
      else low = middle;
    }
    // Below the last interval a value is not told from zero.
    ascending[k] = low === 0 ? 0 : (low + high) / 2;
  }
  return ascending.reverse();
}
