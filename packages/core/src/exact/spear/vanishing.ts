import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { qr } from "../../linear-algebra/qr.ts";
import { solveUpper } from "../../linear-algebra/triangular.ts";
import { innerProduct, matrixVector, norm } from "../../linear-algebra/vector.ts";
import { type FactoredGradient, zeroThreshold } from "./factored-gradient.ts";

/** A unit vector q and the rows at which `rows · q` vanishes within the noise. */
export interface Vanishing {
  readonly q: Float64Array;
  readonly zeros: readonly number[];
}

/**
 * The vector that vanishes at all rows where a given q nearly does; undefined where these are too few to say anything.
 *
 * @param nearly size of `rows · q` that counts as nearly zero.
 */
export function vanishingVector(factored: FactoredGradient, q: Float64Array, nearly: number): Vanishing | undefined {
  const { rows, rank } = factored;
  const least = Math.max(0.1 * rows.rows, 1.5 * (rank - 1));
  const close = zerosOf(factored, q, nearly);
  if (close.length < least) return undefined;
  const vector = nullVector(weightedRows(factored, close), q);
  const zeros = zerosOf(factored, vector, 0);
  return zeros.length < least ? undefined : { q: vector, zeros };
}

/**
 * A second vector that vanishes where a first one does but for a few rows that alone pin the first one down; undefined where there are no such rows.
 *
 * A mixture of two columns vanishes where both do, and at one row more, which decides the proportion: that row has leverage 1.
 */
export function secondVanishing({ rows }: FactoredGradient, { q: first, zeros }: Vanishing): Float64Array | undefined {
  const { q } = qr(withRow(rowsOf(rows, zeros), first));
  const others = zeros.filter((_, i) => {
    const row = q.data.subarray(i * q.cols, (i + 1) * q.cols);
    return innerProduct(row, row) < 1 - 1e-6;
  });
  if (others.length === zeros.length || others.length < rows.cols) return undefined;
  return nullVector(
    withRow(rowsOf(rows, others), first),
    first.map((value, k) => (k % 2 === 0 ? 1 : -1) - value),
  );
}

function zerosOf(factored: FactoredGradient, q: Float64Array, nearly: number): number[] {
  const v = matrixVector(factored.rows, q);
  const threshold = zeroThreshold(factored, q);
  return Array.from(v.keys()).filter((n) => Math.abs(v[n]!) <= Math.max(threshold[n]!, nearly));
}

/** Unit x that makes ‖A x‖ least, by inverse iteration with the triangular factor of A, which keeps the accuracy that AᵀA would lose. */
function nullVector(a: Matrix, start: Float64Array): Float64Array {
  const { r } = qr(a);
  const n = r.cols;
  const largest = r.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const least = Number.EPSILON * largest;
  for (let k = 0; k < n; k++) if (r.data[k * n + k]! < least) r.data[k * n + k] = least;
  let x = start;
  for (let step = 0; step < 3; step++) {
    x = solveUpper(r, solveUpperTransposed(r, x));
    const length = norm(x);
    x = x.map((value) => value / length);
  }
  return x;
}

/** Solves Rᵀ x = b for an upper triangular R. */
function solveUpperTransposed({ data, cols: n }: Matrix, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    const value = x[i]! / data[i * n + i]!;
    x[i] = value;
    for (let j = i + 1; j < n; j++) x[j]! -= data[i * n + j]! * value;
  }
  return x;
}

/** Rows over their noise: that of a neuron with a small gradient would spoil what the others agree on. */
function weightedRows({ rows, noise }: FactoredGradient, chosen: readonly number[]): Matrix {
  const result = rowsOf(rows, chosen);
  const least = chosen.reduce((least, row) => Math.min(least, noise[row]!), Number.POSITIVE_INFINITY);
  if (!(least > 0)) return result;
  chosen.forEach((row, i) => {
    for (let k = 0; k < rows.cols; k++) result.data[i * rows.cols + k]! *= least / noise[row]!;
  });
  return result;
}

function rowsOf(a: Matrix, chosen: readonly number[]): Matrix {
  const result = matrix(chosen.length, a.cols);
  chosen.forEach((row, i) => {
    result.data.set(a.data.subarray(row * a.cols, (row + 1) * a.cols), i * a.cols);
  });
  return result;
}

function withRow(a: Matrix, row: Float64Array): Matrix {
  const result = matrix(a.rows + 1, a.cols);
  result.data.set(a.data);
  result.data.set(row, a.data.length);
  return result;
}
