import { inverseTrace } from "../../linear-algebra/cholesky.ts";
import type { MatrixProduct } from "../../linear-algebra/multiply.ts";
import { type SparseMatrix, sparseMatrix, sparseVector, transposedSparseVector } from "../../linear-algebra/sparse.ts";
import { norm } from "../../linear-algebra/vector.ts";
import type { ExactResult } from "../result.ts";
import { meanDiagonal, type NormalSolver, normalSolver, type StackedEquations } from "./convolution-normal.ts";
import type { ConvolutionSystem } from "./convolution-system.ts";

/** What is known around one convolution at batch 1. */
export interface ConvolutionEquations {
  readonly system: ConvolutionSystem;
  /** z − b [out · outputs], from the layer's output. */
  readonly product: Float64Array;
  /** Weight of each of these equations. */
  readonly weights: Float64Array;
  /** k = ∂ℓ/∂z [out · outputs]. */
  readonly errors: Float64Array;
  /** dW [out, channels / groups, taps...], flat. */
  readonly weightGradient: ArrayLike<number>;
  /** Which of its entries hold; all unless said. */
  readonly usable?: Uint8Array | undefined;
}

/** A convolution's input and how well it is determined. */
export interface ConvolutionInput {
  readonly x: Float64Array;
  /** Numerical rank of the stacked equations over the number of unknowns: below 1 the input is not determined. */
  readonly rankIndex: number;
  /** Smallest singular value of the stacked equations over the root mean square of all. */
  readonly conditioning: number;
  /** Estimates the rms error of x from the misfit, as if the errors of the equations were independent and of one size. */
  readonly deviation: () => number;
}

/** A layer's input, or why it was not found: `open` where the equations leave it open, absent where only the solver fell short. */
export interface ConvolutionResult extends ExactResult<ConvolutionInput> {
  readonly open?: true;
}

// The normal matrix is dense: 8192 unknowns take 512 MB.
const mostUnknowns = 8192;

/**
 * The input x of a convolution from its output and its weight gradient, at batch 1:
 *
 *     minimise |w (W x − (z − b))|² + c² |G(k) x − dW|²
 *
 * with c such that both blocks have rows of the same mean norm. One factorisation of the normal matrix (`normalSolver`) and three refinement
 * steps with true residuals.
 *
 * @returns residual ‖G x − dW‖ / ‖dW‖.
 * @see J. Zhu, M. Blaschko, "R-GAP: recursive gradient attack on privacy", ICLR 2021 (the equations; the weighting and the solver are ours).
 */
export async function convolutionInput(
  equations: ConvolutionEquations,
  multiply: MatrixProduct,
  signal?: AbortSignal,
): Promise<ConvolutionResult> {
  const { system, weights, errors } = equations;
  const assumptions = ["architecture", "weights", "batchSize"];
  const fail = (reason: string): ConvolutionResult => ({ residual: Number.NaN, assumptions, reason });
  const open = (reason: string): ConvolutionResult => ({ ...fail(reason), open: true });
  const unknowns = system.channels * system.inputs;
  if (unknowns > mostUnknowns)
    return fail(`${unknowns} unknowns in one layer; the dense solver takes up to ${mostUnknowns}.`);
  const gradients = equations.usable === undefined ? system.gradients(errors) : usableRows(equations, errors);
  const sharing = system.channels / gradients.length;
  const rowsOfGradient = gradients.reduce((sum, g) => sum + sharing * Math.min(filledRows(g), g.cols), 0);
  const usable = weights.filter((weight) => weight > 0).length + rowsOfGradient;
  if (usable < unknowns) {
    return open(`Rank index at most ${(usable / unknowns).toFixed(3)}: ${usable} equations for ${unknowns} unknowns.`);
  }
  const meanGradientRow = meanRowNorm(gradients, undefined);
  const meanWeightRow = meanRowNorm([system.weights], weights);
  if (!(meanGradientRow > 0) || !(meanWeightRow > 0))
    return open("No error reaches this layer, so its gradient says nothing.");
  const c = meanWeightRow / meanGradientRow;

  const stacked = { system, weights, gradients, scale: c * c };
  const solver = await normalSolver(stacked, multiply, signal);
  if (solver === undefined) return fail("The layer's equations are too badly conditioned to be solved in float64.");
  const { x, misfit } = refined(equations, stacked, solver);
  const rankIndex = solver.rank / unknowns;
  const conditioning = Math.sqrt(solver.smallest / meanDiagonal(stacked));
  const residual = norm(misfit.map((difference) => norm(difference))) / norm(equations.weightGradient);
  if (rankIndex < 1)
    return { ...open(`Rank index ${rankIndex.toFixed(3)}: the layer's input is not determined.`), residual };
  if (!x.every(Number.isFinite)) return fail("The solution is not finite.");
  const reason = `Rank index 1, smallest singular value ${conditioning.toExponential(1)} of the mean.`;
  const deviation = (): number => deviationOf(equations, stacked, solver, x, misfit);
  return { value: { x, rankIndex, conditioning, deviation }, residual, assumptions, reason };
}

/** The minimiser, from 0 by four steps with true residuals, and dW − G x there. */
function refined(
  equations: ConvolutionEquations,
  { system, weights, gradients, scale }: StackedEquations,
  solver: NormalSolver,
): { readonly x: Float64Array; readonly misfit: readonly Float64Array[] } {
  const sharing = system.channels / gradients.length;
  const x = new Float64Array(system.channels * system.inputs);
  let misfit = dataMisfit(equations, gradients, x);
  for (let pass = 0; pass < 4; pass++) {
    const rest = sparseVector(system.weights, x).map((value, i) => weights[i]! ** 2 * (equations.product[i]! - value));
    const right = transposedSparseVector(system.weights, rest);
    misfit.forEach((difference, channel) => {
      const back = transposedSparseVector(gradients[Math.floor(channel / sharing)]!, difference);
      for (let i = 0; i < system.inputs; i++) right[channel * system.inputs + i]! += scale * back[i]!;
    });
    const step = solver.solve(right);
    for (let i = 0; i < x.length; i++) x[i]! += step[i]!;
    misfit = dataMisfit(equations, gradients, x);
  }
  return { x, misfit };
}

/** √(σ² tr(N⁻¹) / n), with σ² the square misfit of the equations a degree of freedom. */
function deviationOf(
  { product }: ConvolutionEquations,
  { system, weights, scale }: StackedEquations,
  solver: NormalSolver,
  x: Float64Array,
  misfit: readonly Float64Array[],
): number {
  const rest = sparseVector(system.weights, x).map((value, i) => weights[i]! * (product[i]! - value));
  const gradientRows = misfit.reduce((n, difference) => n + difference.length, 0);
  const freedom = weights.filter((weight) => weight > 0).length + gradientRows - x.length;
  const square = norm(rest) ** 2 + scale * norm(misfit.map((difference) => norm(difference))) ** 2;
  return Math.sqrt(((square / Math.max(freedom, 0)) * inverseTrace(solver.solve, x.length)) / x.length);
}

/** Per input channel: dW[·, c, ·] − G x[c], in the rows of G; 0 where dW says nothing. */
function dataMisfit(
  equations: ConvolutionEquations,
  gradients: readonly SparseMatrix[],
  x: Float64Array,
): Float64Array[] {
  const { system, weightGradient, usable } = equations;
  const { channels, inputs } = system;
  const sharing = channels / gradients.length;
  return Array.from({ length: channels }, (_, channel) => {
    const predicted = sparseVector(
      gradients[Math.floor(channel / sharing)]!,
      x.subarray(channel * inputs, (channel + 1) * inputs),
    );
    return predicted.map((value, row) => {
      const at = entryOf(system, channel, row);
      return usable?.[at] === 0 ? 0 : weightGradient[at]! - value;
    });
  });
}

/** The entry of dW that row (out, tap) of G gives for an input channel. */
function entryOf({ channels, groups, out, taps }: ConvolutionSystem, channel: number, row: number): number {
  const perGroup = channels / groups;
  const o = Math.floor(channel / perGroup) * (out / groups) + Math.floor(row / taps);
  return (o * perGroup + (channel % perGroup)) * taps + (row % taps);
}

/** G of every channel, without the rows whose entry of dW says nothing. */
function usableRows({ system, usable }: ConvolutionEquations, errors: Float64Array): SparseMatrix[] {
  const shared = system.gradients(errors);
  const perGroup = system.channels / system.groups;
  return Array.from({ length: system.channels }, (_, channel) => {
    const g = shared[Math.floor(channel / perGroup)]!;
    const rows = Array.from({ length: g.rows }, (_, row) => {
      const [start, end] = usable![entryOf(system, channel, row)] === 0 ? [0, 0] : [g.starts[row]!, g.starts[row + 1]!];
      return { columns: g.columns.subarray(start, end), values: g.values.subarray(start, end) };
    });
    return sparseMatrix(g.cols, rows);
  });
}

function filledRows({ rows, starts }: SparseMatrix): number {
  let filled = 0;
  for (let row = 0; row < rows; row++) if (starts[row + 1]! > starts[row]!) filled++;
  return filled;
}

/** Mean over rows of weight · ‖row‖. */
function meanRowNorm(matrices: readonly SparseMatrix[], weights: Float64Array | undefined): number {
  let total = 0;
  let rows = 0;
  for (const a of matrices) {
    rows += a.rows;
    for (let i = 0; i < a.rows; i++) {
      total += (weights?.[i] ?? 1) * norm(a.values.subarray(a.starts[i], a.starts[i + 1]));
    }
  }
  return total / rows;
}
