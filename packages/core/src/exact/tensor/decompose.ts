import { EigenvalueDecomposition, inverse, Matrix as SmallMatrix } from "ml-matrix";
import { choleskySolve, ridgedCholesky } from "../../linear-algebra/cholesky.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply, plainProduct } from "../../linear-algebra/multiply.ts";
import type { Rng } from "../../random.ts";
import type { TensorSlices } from "./gradient-moments.ts";
import { unitRows } from "./unit-rows.ts";

/** Tˡ ≈ Σᵢ Rₗᵢ cᵢ ⊗ cᵢ ⊗ cᵢ. */
export interface Decomposition {
  /** Unit cᵢ as rows [n, n]; signs are open, (R, c) ~ (−R, −c). */
  readonly directions: Matrix;
  /** R [L, n]. */
  readonly weights: Matrix;
  /** ‖T − Σ R c^⊗3‖ / ‖T‖. */
  readonly residual: number;
}

/** How long the decomposition is sought. */
export interface DecomposeOptions {
  /** Pairs of random contractions, 30. */
  readonly pairs?: number;
  /** Of these, how many are improved by alternating least squares, 3. */
  readonly kept?: number;
  /** Sweeps of alternating least squares, 60. */
  readonly sweeps?: number;
}

/**
 * The n directions that symmetric tensors over ℝⁿ share, by simultaneous diagonalisation of random contractions, then alternating least squares on all
 * slices at once.
 *
 * Two contractions are C D₁ Cᵀ and C D₂ Cᵀ, so the eigenvectors of one times the inverse of the other are the directions; the least residual of many
 * pairs is a start that the sweeps improve.
 *
 * @returns the best first, all that were improved: where noise hides the weaker directions, the next ones are other starts.
 * @see S. E. Leurgans, R. T. Ross, R. B. Abel, "A decomposition for three-way arrays", SIAM J. Matrix Anal. Appl. 14 (1993), for the contractions.
 */
export async function decompose(
  slices: TensorSlices,
  rng: Rng,
  { pairs = 30, kept = 3, sweeps = 60 }: DecomposeOptions = {},
): Promise<Decomposition[]> {
  const random = rng.split("contractions");
  const starts: Decomposition[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const directions = eigenvectors(contraction(slices, random), contraction(slices, random));
    if (directions !== undefined) starts.push(await weighted(slices, directions));
  }
  starts.sort((a, b) => a.residual - b.residual);
  const improved: Decomposition[] = [];
  for (const start of starts.slice(0, kept)) {
    let current = start;
    let best = start;
    for (let sweep = 0; sweep < sweeps; sweep++) {
      const before = current.residual;
      current = await weighted(slices, await improvedDirections(slices, current));
      if (current.residual < best.residual) best = current;
      if (Math.abs(before - current.residual) < 1e-9) break;
    }
    improved.push(best);
  }
  return improved.sort((a, b) => a.residual - b.residual);
}

/** Σₗ vₗ Tˡ(·, ·, a) for random v and a, [n, n]. */
function contraction({ size: n, count, data }: TensorSlices, random: Rng): SmallMatrix {
  const a = Float64Array.from({ length: n }, () => random.normal());
  const result = SmallMatrix.zeros(n, n);
  for (let l = 0; l < count; l++) {
    const factor = random.normal();
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const at = ((l * n + i) * n + j) * n;
        let total = 0;
        for (let k = 0; k < n; k++) total += data[at + k]! * a[k]!;
        result.set(i, j, result.get(i, j) + factor * total);
      }
    }
  }
  return result;
}

/** Unit eigenvectors of A B⁻¹ as rows; undefined where B has no inverse. Of a complex pair, the real parts span the same plane. */
function eigenvectors(a: SmallMatrix, b: SmallMatrix): Matrix | undefined {
  const n = a.rows;
  if (n === 1) return matrix(1, 1, [1]);
  try {
    const { eigenvectorMatrix } = new EigenvalueDecomposition(a.mmul(inverse(b, false)));
    return unitRows(matrix(n, n, eigenvectorMatrix.transpose().to1DArray()));
  } catch {
    return undefined;
  }
}

/** Tˡ(·, cᵢ, cᵢ) for every l and i, [L, n directions, n]. */
function twiceContracted({ size: n, count, data }: TensorSlices, directions: Matrix): Float64Array {
  const rank = directions.rows;
  // Every slice is n rows of n² entries against cᵢ ⊗ cᵢ.
  const squares = matrix(n * n, rank);
  for (let i = 0; i < rank; i++) {
    for (let b = 0; b < n; b++) {
      for (let c = 0; c < n; c++) {
        squares.data[(b * n + c) * rank + i] = directions.data[i * n + b]! * directions.data[i * n + c]!;
      }
    }
  }
  const products = multiply(matrix(count * n, n * n, data), squares);
  const result = new Float64Array(count * rank * n);
  for (let l = 0; l < count; l++) {
    for (let a = 0; a < n; a++) {
      for (let i = 0; i < rank; i++) result[(l * rank + i) * n + a] = products.data[(l * n + a) * rank + i]!;
    }
  }
  return result;
}

/** The least-squares weights of given directions: (C Cᵀ)^∘3 Rₗ = [Tˡ(cᵢ, cᵢ, cᵢ)]. */
async function weighted(slices: TensorSlices, directions: Matrix): Promise<Decomposition> {
  const { size: n, count, data } = slices;
  const rank = directions.rows;
  const contracted = twiceContracted(slices, directions);
  const gram = multiply(directions, directions, { transposeB: true });
  const cubes = matrix(
    rank,
    rank,
    gram.data.map((value) => value ** 3),
  );
  const found = await ridgedCholesky(matrix(rank, rank, cubes.data.slice()), 1e-12, { product: plainProduct });
  const weights = matrix(count, rank);
  let misfit = 0;
  for (const value of data) misfit += value * value;
  const whole = misfit;
  for (let l = 0; l < count; l++) {
    const right = Float64Array.from({ length: rank }, (_, i) => {
      let total = 0;
      for (let a = 0; a < n; a++) total += contracted[(l * rank + i) * n + a]! * directions.data[i * n + a]!;
      return total;
    });
    const row = found === undefined ? right : choleskySolve(found.factor, right);
    weights.data.set(row, l * rank);
    for (let i = 0; i < rank; i++) {
      misfit -= 2 * row[i]! * right[i]!;
      for (let k = 0; k < rank; k++) misfit += row[i]! * cubes.data[i * rank + k]! * row[k]!;
    }
  }
  return { directions, weights, residual: Math.sqrt(Math.max(misfit, 0) / whole) };
}

/** One sweep: the directions that fit best with one factor of each product free, the other two and the weights held. */
async function improvedDirections(slices: TensorSlices, { directions, weights }: Decomposition): Promise<Matrix> {
  const { size: n, count } = slices;
  const rank = directions.rows;
  const contracted = twiceContracted(slices, directions);
  const right = matrix(n, rank);
  for (let l = 0; l < count; l++) {
    for (let i = 0; i < rank; i++) {
      const weight = weights.data[l * rank + i]!;
      for (let a = 0; a < n; a++) right.data[a * rank + i]! += weight * contracted[(l * rank + i) * n + a]!;
    }
  }
  const gram = multiply(directions, directions, { transposeB: true });
  const overlap = multiply(weights, weights, { transposeA: true });
  const normal = matrix(
    rank,
    rank,
    gram.data.map((value, i) => value * value * overlap.data[i]!),
  );
  const found = await ridgedCholesky(normal, 1e-12, { product: plainProduct });
  if (found === undefined) return directions;
  const next = matrix(rank, n);
  for (let a = 0; a < n; a++) {
    const row = choleskySolve(found.factor, right.data.subarray(a * rank, (a + 1) * rank));
    for (let i = 0; i < rank; i++) next.data[i * n + a] = row[i]!;
  }
  return unitRows(next);
}
