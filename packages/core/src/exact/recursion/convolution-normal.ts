import { choleskySolve, inverseIteration, ridgedCholesky } from "../../linear-algebra/cholesky.ts";
import { type Matrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import { addGram, type SparseMatrix } from "../../linear-algebra/sparse.ts";
import { inverseLower } from "../../linear-algebra/triangular.ts";
import { matrixVector, norm, transposedMatrixVector } from "../../linear-algebra/vector.ts";
import type { ConvolutionSystem } from "./convolution-system.ts";

/** The stacked equations of a convolution: rows w (W x − ·) and, for every channel c, c (G x[c] − ·). */
export interface StackedEquations {
  readonly system: ConvolutionSystem;
  /** w, one a row of W. */
  readonly weights: Float64Array;
  /** G of every group. */
  readonly gradients: readonly SparseMatrix[];
  /** c². */
  readonly scale: number;
}

/** What solves N x = b for the normal matrix N = Wᵀ diag(w²) W + c² blockdiag(GᵀG), up to a small ridge. */
export interface NormalSolver {
  readonly solve: (b: Float64Array) => Float64Array;
  /** Numerical rank of N. */
  readonly rank: number;
  /** Smallest eigenvalue of N, to a factor of about two. */
  readonly smallest: number;
}

// Of the mean diagonal of N.
const ridgeShare = 1e-14;
const smallRidgeShare = 1e-9;

/**
 * Factors the normal matrix: in the space of the weight equations where those are few and the ridge that takes does no harm, whole otherwise.
 *
 * @returns undefined where it is not positive definite to working precision.
 */
export async function normalSolver(
  equations: StackedEquations,
  product: MatrixProduct,
  signal: AbortSignal | undefined,
): Promise<NormalSolver | undefined> {
  const { weights, system } = equations;
  const few = 2 * weights.length <= system.channels * system.inputs;
  const small = few ? await smallSolver(equations, product, signal) : undefined;
  return small ?? wholeSolver(equations, product, signal);
}

/** One Cholesky of N. */
async function wholeSolver(
  { system, weights, gradients, scale }: StackedEquations,
  product: MatrixProduct,
  signal: AbortSignal | undefined,
): Promise<NormalSolver | undefined> {
  const { channels, inputs } = system;
  const n = channels * inputs;
  const normal = matrix(n, n);
  addGram(
    normal,
    system.weights,
    weights.map((weight) => weight * weight),
  );
  const perGroup = channels / gradients.length;
  for (const [group, g] of gradients.entries()) {
    const shared = gramOf(g, scale);
    for (let channel = group * perGroup; channel < (group + 1) * perGroup; channel++) {
      for (let i = 0; i < inputs; i++) {
        const row = (channel * inputs + i) * n + channel * inputs;
        for (let j = 0; j <= i; j++) normal.data[row + j]! += shared.data[i * inputs + j]!;
      }
    }
  }
  const found = await ridgedCholesky(normal, ridgeShare, { product, signal });
  if (found === undefined) return undefined;
  const { factor, ridge } = found;
  // A pivot is the squared distance of a column to the span of those before it, so the pivots above the ridge count the rank.
  let rank = 0;
  for (let i = 0; i < n; i++) if (factor.data[i * n + i]! ** 2 > 100 * ridge) rank++;
  const solve = (b: Float64Array): Float64Array => choleskySolve(factor, b);
  return { solve, rank, smallest: Math.max(0, inverseIteration(solve, n) - ridge) };
}

/**
 * With c² GᵀG + δ I = L Lᵀ and M = diag(w) W blockdiag(L)⁻ᵀ,  N + δ I = L (I + MᵀM) Lᵀ  and  (I + MᵀM)⁻¹ = I − Mᵀ (I + M Mᵀ)⁻¹ M,
 *
 * so that only matrices of the size of the weight equations and of one channel are factored. The ridge δ is there because G alone often leaves a
 * part of the input open (a strided kernel sees some positions through few of its taps).
 *
 * @returns undefined when N is not far above the ridge in every direction.
 */
async function smallSolver(
  equations: StackedEquations,
  product: MatrixProduct,
  signal: AbortSignal | undefined,
): Promise<NormalSolver | undefined> {
  const { system, weights, gradients, scale } = equations;
  const { channels, inputs } = system;
  const perGroup = channels / gradients.length;
  const ridge = smallRidgeShare * meanDiagonal(equations);
  const inverses: Matrix[] = [];
  for (const g of gradients) {
    const gram = gramOf(g, scale);
    for (let i = 0; i < inputs; i++) gram.data[i * inputs + i]! += ridge;
    const found = await ridgedCholesky(gram, 0, { product, signal });
    if (found === undefined) return undefined;
    inverses.push(inverseLower(found.factor));
  }
  const adjoints = inverses.map(transposed);
  const m = scaledRows(system, weights, adjoints);
  const core = await product(m, m, { transposeB: true });
  for (let i = 0; i < core.rows; i++) core.data[i * core.rows + i]! += 1;
  const found = await ridgedCholesky(core, 0, { product, signal });
  if (found === undefined) return undefined;
  const perChannel = (b: Float64Array, blocks: readonly Matrix[]): Float64Array => {
    const result = new Float64Array(b.length);
    for (let c = 0; c < channels; c++) {
      result.set(matrixVector(blocks[Math.floor(c / perGroup)]!, b.subarray(c * inputs, (c + 1) * inputs)), c * inputs);
    }
    return result;
  };
  const solve = (b: Float64Array): Float64Array => {
    const y = perChannel(b, inverses);
    const corrected = transposedMatrixVector(m, choleskySolve(found.factor, matrixVector(m, y)));
    return perChannel(
      y.map((value, i) => value - corrected[i]!),
      adjoints,
    );
  };
  const smallest = inverseIteration(solve, channels * inputs) - ridge;
  return smallest > 100 * ridge ? { solve, rank: channels * inputs, smallest } : undefined;
}

/** Rows w · W with every channel's part times the group's L⁻ᵀ. */
function scaledRows(
  { weights: w, inputs, channels }: ConvolutionSystem,
  weights: Float64Array,
  adjoints: readonly Matrix[],
): Matrix {
  const perGroup = channels / adjoints.length;
  const result = matrix(w.rows, w.cols);
  for (let row = 0; row < w.rows; row++) {
    for (let at = w.starts[row]!; at < w.starts[row + 1]!; at++) {
      const channel = Math.floor(w.columns[at]! / inputs);
      const { data } = adjoints[Math.floor(channel / perGroup)]!;
      const position = w.columns[at]! % inputs;
      const factor = weights[row]! * w.values[at]!;
      const to = row * w.cols + channel * inputs;
      // L⁻ᵀ is upper triangular.
      for (let j = position; j < inputs; j++) result.data[to + j]! += factor * data[position * inputs + j]!;
    }
  }
  return result;
}

/** Lower triangle of scale · GᵀG. */
function gramOf(g: SparseMatrix, scale: number): Matrix {
  const gram = matrix(g.cols, g.cols);
  addGram(gram, g, new Float64Array(g.rows).fill(scale));
  return gram;
}

/** Mean of the diagonal of N: the mean of the squares of the singular values of the stacked equations. */
export function meanDiagonal({ system, weights, gradients, scale }: StackedEquations): number {
  const { weights: w, channels, inputs } = system;
  let total = 0;
  for (let i = 0; i < w.rows; i++) total += (weights[i]! * norm(w.values.subarray(w.starts[i], w.starts[i + 1]))) ** 2;
  for (const g of gradients) total += (scale * channels * norm(g.values) ** 2) / gradients.length;
  return total / (channels * inputs);
}
