import { choleskySolve, inverseIteration, ridgedCholesky } from "../../linear-algebra/cholesky.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, plainProduct } from "../../linear-algebra/multiply.ts";
import { addGram, type SparseMatrix, sparseVector, transposedSparseVector } from "../../linear-algebra/sparse.ts";
import { norm } from "../../linear-algebra/vector.ts";
import { asConvolution } from "../recursion/chain-misfit.ts";
import { convolutionSystem } from "../recursion/convolution-system.ts";
import { inverseActivation } from "../recursion/inverse-activation.ts";
import type { RecursionLayer } from "../recursion/recursion.ts";
import type { ExactResult } from "../result.ts";

/** The inputs of a layer, one row a sample, and what they rest on. */
export interface LayerInputs {
  /** X [B, inputs]. */
  readonly inputs: Matrix;
  /** Lower bound of σ_min of ∂h/∂x over all samples: an error of the outputs is multiplied by at most its inverse. */
  readonly gain: number;
}

/** How layers are inverted. */
export interface InverseLayerOptions {
  readonly product?: MatrixProduct;
  readonly signal?: AbortSignal;
}

// The normal matrix is dense.
const mostUnknowns = 4096;

/**
 * The inputs of a layer h = s(W x + b) from its outputs alone, sample by sample:
 *
 *     minimise ‖w ∘ (W x + b − s⁻¹(h))‖
 *
 * for any number of samples, since the gradient, which mixes them, is not used. Needs at least as many outputs as inputs, W of full column rank, and an
 * invertible activation; a ReLU's units that are off drop out. By a Cholesky of Wᵀ diag(w²) W, one for all samples where every output counts and there are
 * no more outputs than inputs (w is then 1), and four steps with true residuals.
 *
 * @param outputs H [B, outputs].
 * @returns residual: largest relative misfit of a sample, 0 up to rounding for a square layer whatever the outputs are.
 */
export async function inverseLayer(
  layer: RecursionLayer,
  outputs: Matrix,
  { product = plainProduct, signal }: InverseLayerOptions = {},
): Promise<ExactResult<LayerInputs>> {
  const assumptions = ["architecture", "weights"];
  const fail = (reason: string): ExactResult<LayerInputs> => ({ residual: Number.NaN, assumptions, reason });
  const activation = inverseActivation(layer.activation);
  if (activation === undefined) return fail(`Layer ${layer.name}: ${layer.activation.name} cannot be inverted.`);
  if (layer.kind === "convolution" && layer.window?.some((extent) => extent > 1)) {
    return fail(`Layer ${layer.name}: the average behind it leaves its input open.`);
  }
  const { weights: system, outputs: positions } = convolutionSystem(
    layer.kind === "convolution" ? layer : asConvolution(layer),
  );
  const { rows, cols: unknowns } = system;
  if (rows < unknowns)
    return fail(`Layer ${layer.name} maps ${unknowns} numbers to ${rows}, and these leave its input open.`);
  if (unknowns > mostUnknowns)
    return fail(`Layer ${layer.name} has ${unknowns} inputs; the dense solver takes up to ${mostUnknowns}.`);
  if (outputs.cols !== rows) return fail(`Layer ${layer.name} has ${rows} outputs, and ${outputs.cols} are given.`);

  const inputs = matrix(outputs.rows, unknowns);
  let [shared, gain, residual]: [Solver | undefined, number, number] = [undefined, Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < outputs.rows; i++) {
    signal?.throwIfAborted();
    const h = outputs.data.subarray(i * rows, (i + 1) * rows).map((value) => activation.clip(value));
    const own = h.map((value) => activation.weight(value));
    const alike = rows === unknowns && own.every((weight) => weight > 0);
    const weights = alike ? new Float64Array(rows).fill(1) : own;
    const solver: Solver | undefined =
      (alike ? shared : undefined) ?? (await normalSolver(system, weights, product, signal));
    if (solver === undefined) {
      const usable = weights.filter((weight) => weight > 0).length;
      return fail(
        `Layer ${layer.name}: ${usable} usable outputs of sample ${i + 1} do not determine its ${unknowns} inputs.`,
      );
    }
    if (alike) shared = solver;
    const right = h.map(
      (value, row) => activation.invert(value) - (layer.bias?.data[Math.floor(row / positions)] ?? 0),
    );
    const { x, misfit } = solved(system, weights, solver, right);
    inputs.data.set(x, i * unknowns);
    residual = Math.max(residual, misfit);
    // ∂h/∂x = diag(s') W, and s' is at least its least share of w.
    const slope = h.reduce(
      (least, value, row) => (weights[row]! > 0 ? Math.min(least, activation.slope(value) / weights[row]!) : least),
      Number.POSITIVE_INFINITY,
    );
    gain = Math.min(gain, slope * solver.smallest);
  }
  return { value: { inputs, gain }, residual, assumptions, reason: `Inverted layer ${layer.name}.` };
}

interface Solver {
  readonly solve: (b: Float64Array) => Float64Array;
  /** σ_min of diag(w) W. */
  readonly smallest: number;
}

async function normalSolver(
  system: SparseMatrix,
  weights: Float64Array,
  product: MatrixProduct,
  signal: AbortSignal | undefined,
): Promise<Solver | undefined> {
  const n = system.cols;
  if (weights.filter((weight) => weight > 0).length < n) return undefined;
  const normal = matrix(n, n);
  addGram(
    normal,
    system,
    weights.map((weight) => weight * weight),
  );
  const found = await ridgedCholesky(normal, 1e-15, { product, signal });
  if (found === undefined) return undefined;
  const { factor, ridge } = found;
  const solve = (b: Float64Array): Float64Array => choleskySolve(factor, b);
  const smallest = inverseIteration(solve, n, 4) - ridge;
  return smallest > 100 * ridge ? { solve, smallest: Math.sqrt(smallest) } : undefined;
}

function solved(
  system: SparseMatrix,
  weights: Float64Array,
  { solve }: Solver,
  right: Float64Array,
): { readonly x: Float64Array; readonly misfit: number } {
  const x = new Float64Array(system.cols);
  let rest: Float64Array = right;
  for (let pass = 0; pass < 5; pass++) {
    const step = solve(
      transposedSparseVector(
        system,
        rest.map((value, row) => weights[row]! ** 2 * value),
      ),
    );
    for (let j = 0; j < x.length; j++) x[j]! += step[j]!;
    const fitted = sparseVector(system, x);
    rest = right.map((value, row) => value - fitted[row]!);
  }
  const size = norm(right.map((value, row) => weights[row]! * value));
  const left = norm(rest.map((value, row) => weights[row]! * value));
  return { x, misfit: size > 0 ? left / size : left };
}
