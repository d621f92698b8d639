import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import type { MomentOrder } from "./moment-orders.ts";

/** Symmetric tensors Σᵢ Rₗᵢ cᵢ ⊗ cᵢ ⊗ cᵢ over ℝⁿ, l = 1 … L, that share their directions: entry (l, a, b, c) at ((l n + a) n + b) n + c. */
export interface TensorSlices {
  readonly size: number;
  readonly count: number;
  readonly data: Float64Array;
}

const chunk = 2048;

/**
 * Moments of a first-layer gradient against Hermite polynomials of the weights, symmetrised:
 *
 *     order 3: Tˡ = sym Σⱼ Mₗⱼ hⱼ ⊗ He₂(uⱼ)  →  Σᵢ rₗᵢ E s‴ cᵢ^⊗3
 *     order 4: Tˡ = sym Σⱼ Mₗⱼ hⱼ ⊗ He₃(uⱼ)  →  Σᵢ rₗᵢ E s⁗ cᵢ^⊗4, handed back as its n slices along the last axis
 *
 * both divided by √(p − 1)!, the size of the polynomial, so that slices of both orders carry comparable noise.
 *
 * @param gradient hⱼ = Σᵢ qᵢⱼ s′(uⱼ · cᵢ) cᵢ as rows [m, n]
 * @param weights uⱼ ~ N(0, I) as rows [m, n]
 * @param mixing M [L, m] with Σⱼ Mₗⱼ qᵢⱼ = rₗᵢ
 * @see Z. Wang, J. Lee, Q. Lei, "Reconstructing Training Data from Model Gradient, Provably", AISTATS 2023, section 4; with hⱼ in place of the output's
 * gradient, which has the lower variance.
 */
export async function gradientMoments(
  gradient: Matrix,
  weights: Matrix,
  mixing: Matrix,
  order: MomentOrder,
  product: MatrixProduct,
): Promise<TensorSlices> {
  const { rows: m, cols: n } = gradient;
  const tuples = order === 3 ? pairs(n) : triples(n);
  const sums = new Float64Array(mixing.rows * n * tuples.length);
  for (let start = 0; start < m; start += chunk) {
    const count = Math.min(chunk, m - start);
    const left = mixedRows(gradient, mixing, start, count);
    const right = order === 3 ? secondPolynomials(weights, start, count) : thirdPolynomials(weights, start, count);
    const part = await product(left, right, { transposeA: true });
    for (let i = 0; i < sums.length; i++) sums[i]! += part.data[i]!;
  }
  return order === 3 ? symmetricThird(sums, n, mixing.rows) : symmetricFourth(sums, n, mixing.rows);
}

/** Rows of Mₗⱼ hⱼ, [count, L n]. */
function mixedRows(gradient: Matrix, mixing: Matrix, start: number, count: number): Matrix {
  const { cols: n } = gradient;
  const result = matrix(count, mixing.rows * n);
  for (let j = 0, at = 0; j < count; j++) {
    for (let l = 0; l < mixing.rows; l++) {
      const factor = mixing.data[l * mixing.cols + start + j]!;
      for (let a = 0; a < n; a++, at++) result.data[at] = factor * gradient.data[(start + j) * n + a]!;
    }
  }
  return result;
}

/** He₂(u)_bc = u_b u_c − δ_bc for b ≤ c. */
function secondPolynomials(weights: Matrix, start: number, count: number): Matrix {
  const { cols: n, data: u } = weights;
  const result = matrix(count, (n * (n + 1)) / 2);
  for (let j = start, at = 0; j < start + count; j++) {
    for (let b = 0; b < n; b++) {
      const ub = u[j * n + b]!;
      for (let c = b; c < n; c++, at++) result.data[at] = ub * u[j * n + c]! - (b === c ? 1 : 0);
    }
  }
  return result;
}

/** He₃(u)_bcd = u_b u_c u_d − (u_b δ_cd + u_c δ_bd + u_d δ_bc) for b ≤ c ≤ d: three times u_b is subtracted where b = c = d. */
function thirdPolynomials(weights: Matrix, start: number, count: number): Matrix {
  const { cols: n, data: u } = weights;
  const result = matrix(count, (n * (n + 1) * (n + 2)) / 6);
  for (let j = start, at = 0; j < start + count; j++) {
    for (let b = 0; b < n; b++) {
      const ub = u[j * n + b]!;
      for (let c = b; c < n; c++) {
        const uc = u[j * n + c]!;
        for (let d = c; d < n; d++, at++) {
          const ud = u[j * n + d]!;
          const lower = (c === d ? ub : 0) + (b === d ? uc : 0) + (b === c ? ud : 0);
          result.data[at] = ub * uc * ud - lower;
        }
      }
    }
  }
  return result;
}

const pairs = (n: number): number[][] =>
  Array.from({ length: n }, (_, b) => Array.from({ length: n - b }, (_, c) => [b, b + c])).flat();

const triples = (n: number): number[][] =>
  pairs(n).flatMap(([b, c]) => Array.from({ length: n - c! }, (_, d) => [b!, c!, c! + d]));

/** Where the sorted tuples of `pairs` and `triples` lie: index[b n + c], in any order of the letters. */
function positions(n: number, tuples: readonly number[][]): Int32Array {
  const width = tuples[0]?.length ?? 2;
  const index = new Int32Array(n ** width);
  const fill = (tuple: readonly number[], place: number): void => {
    if (width === 2) {
      const [b, c] = tuple as [number, number];
      index[b * n + c] = index[c * n + b] = place;
      return;
    }
    const [b, c, d] = tuple as [number, number, number];
    for (const [x, y, z] of [
      [b, c, d],
      [b, d, c],
      [c, b, d],
      [c, d, b],
      [d, b, c],
      [d, c, b],
    ] as const) {
      index[(x * n + y) * n + z] = place;
    }
  };
  tuples.forEach(fill);
  return index;
}

/** The mean over the three places that the gradient's index can take. */
function symmetricThird(sums: Float64Array, n: number, count: number): TensorSlices {
  const tuples = pairs(n);
  const index = positions(n, tuples);
  const data = new Float64Array(count * n ** 3);
  const scale = 1 / (3 * Math.SQRT2);
  for (let l = 0, at = 0; l < count; l++) {
    const entry = (a: number, b: number, c: number): number => sums[(l * n + a) * tuples.length + index[b * n + c]!]!;
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) {
        for (let c = 0; c < n; c++, at++) data[at] = scale * (entry(a, b, c) + entry(b, a, c) + entry(c, a, b));
      }
    }
  }
  return { size: n, count, data };
}

/** The mean over the four places; slice l n + d is T(·, ·, ·, e_d) of output l. */
function symmetricFourth(sums: Float64Array, n: number, count: number): TensorSlices {
  const tuples = triples(n);
  const index = positions(n, tuples);
  const data = new Float64Array(count * n ** 4);
  const scale = 1 / (4 * Math.sqrt(6));
  for (let l = 0, at = 0; l < count; l++) {
    const entry = (a: number, b: number, c: number, d: number): number =>
      sums[(l * n + a) * tuples.length + index[(b * n + c) * n + d]!]!;
    for (let d = 0; d < n; d++) {
      for (let a = 0; a < n; a++) {
        for (let b = 0; b < n; b++) {
          for (let c = 0; c < n; c++, at++) {
            data[at] = scale * (entry(a, b, c, d) + entry(b, a, c, d) + entry(c, a, b, d) + entry(d, a, b, c));
          }
        }
      }
    }
  }
  return { size: n, count: count * n, data };
}

/** Slices of several orders as one set. */
export function joinedSlices(parts: readonly TensorSlices[]): TensorSlices {
  const count = parts.reduce((total, part) => total + part.count, 0);
  const data = new Float64Array(parts.reduce((total, part) => total + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { size: parts[0]!.size, count, data };
}
