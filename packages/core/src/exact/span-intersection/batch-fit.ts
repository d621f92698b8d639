import { type Matrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, multiply } from "../../linear-algebra/multiply.ts";
import { matrixVector, norm } from "../../linear-algebra/vector.ts";
import { type LevenbergMarquardtResult, levenbergMarquardt } from "../../solvers/levenberg-marquardt.ts";
import type { CompiledHead, HeadSignals } from "../cut-layer/compiled-head.ts";
import { changedSums, type ObservedLayer, observedSums, sumMisfits } from "../cut-layer/observed-sums.ts";
import type { SpanCoordinates } from "../cut-layer/span-coordinates.ts";

/** A first layer in coordinates of its span, and the net behind it under a loss ⟨ŷ, r⟩ in place of its own, so that r is ∂ℓ/∂ŷ. */
export interface BatchFitParts {
  /** [W | b] V [m, n]. */
  readonly weights: Matrix;
  /** The layer's gradient in the same coordinates [m, n]. */
  readonly gradient: Matrix;
  readonly coordinates: SpanCoordinates;
  readonly behind: readonly ObservedLayer[];
  /** Takes r as targets. */
  readonly head: CompiledHead;
  /** Q [K, k], the space that the errors lie in. */
  readonly errorSpace: Matrix;
  /** Of one sample's output. */
  readonly outputShape: readonly number[];
}

/** A batch: points q [B, free] in the span, and errors r [B, K] at the output. */
export interface BatchPoint {
  readonly points: Matrix;
  readonly errors: Matrix;
}

export interface BatchFit extends BatchPoint {
  /** Norm of the misfits of all gradients, each in units of its own norm. */
  readonly residual: number;
}

const options = { iterations: 60, progress: 1e-6, tolerance: 1e-30, damping: 1e-6 } as const;

/**
 * Fits a batch to the gradients of all layers at once, by Levenberg–Marquardt in B (free + k) unknowns: the points in the span and the coefficients of the errors.
 */
export async function fitBatch(
  parts: BatchFitParts,
  start: BatchPoint,
  product: MatrixProduct,
  signal?: AbortSignal,
): Promise<BatchFit> {
  const { weights, gradient, coordinates, behind, head, errorSpace, outputShape } = parts;
  const { directions } = coordinates;
  const observed = observedSums(gradient, behind);
  const samples = start.points.rows;
  const [free, k] = [directions.cols, errorSpace.cols];
  const inputUnknowns = samples * free;
  const arrayOf = (r: Matrix) => ({ shape: [r.rows, ...outputShape], data: r.data });
  const unpacked = (u: Float64Array): { c: Matrix; z: Matrix; r: Matrix } => {
    const c = coordinates.inputsOf(u.slice(0, inputUnknowns), samples);
    const r = multiply(matrix(samples, k, u.slice(inputUnknowns)), errorSpace, { transposeB: true });
    return { c, z: multiply(c, weights, { transposeB: true }), r };
  };
  const residualAt = async (u: Float64Array): Promise<Float64Array> => {
    const { c, z, r } = unpacked(u);
    return sumMisfits(observed, await head.at(z, arrayOf(r)), c, 1);
  };
  const steps = multiply(directions, weights, { transposeA: true, transposeB: true });
  const result: LevenbergMarquardtResult = await levenbergMarquardt({
    start: packed(start.points, multiply(start.errors, errorSpace)),
    cost: async (u) => norm(await residualAt(u)) ** 2,
    linearise: async (u) => {
      const { c, z, r } = unpacked(u);
      const moved = await head.along(repeated(z, free), arrayOf(repeated(r, free)), cycled(steps, samples));
      const byInputs = changedSums(
        observed,
        moved,
        { inputs: repeated(c, free), moves: cycled(transposed(directions), samples) },
        1,
      );
      // Errors are linear in r and inputs do not depend on it.
      const unit = await head.at(repeated(z, k), arrayOf(cycled(transposed(errorSpace), samples)));
      const inputs = repeated(c, k);
      const byErrors = changedSums(
        observed,
        { at: unit, change: withoutInputs(unit) },
        { inputs, moves: matrix(inputs.rows, inputs.cols) },
        1,
      );
      const turned = matrix(byInputs.rows + byErrors.rows, observed.equations);
      turned.data.set(byInputs.data);
      turned.data.set(byErrors.data, byInputs.data.length);
      const residual = sumMisfits(observed, await head.at(z, arrayOf(r)), c, 1);
      return {
        cost: norm(residual) ** 2,
        normal: await product(turned, turned, { transposeB: true }),
        gradient: matrixVector(turned, residual),
      };
    },
    product,
    signal,
    options,
  });
  return {
    points: matrix(samples, free, result.value.slice(0, inputUnknowns)),
    errors: unpacked(result.value).r,
    residual: Math.sqrt(result.cost),
  };
}

/** A change of errors alone. */
function withoutInputs({ errors, layers }: HeadSignals): HeadSignals {
  return {
    errors,
    layers: layers.map((layer) => ({ inputs: matrix(layer.inputs.rows, layer.inputs.cols), errors: layer.errors })),
  };
}

function packed(points: Matrix, coefficients: Matrix): Float64Array {
  const result = new Float64Array(points.data.length + coefficients.data.length);
  result.set(points.data);
  result.set(coefficients.data, points.data.length);
  return result;
}

/** Every row several times, one after another. */
function repeated(a: Matrix, times: number): Matrix {
  const result = matrix(a.rows * times, a.cols);
  for (let row = 0; row < result.rows; row++) {
    const from = Math.floor(row / times) * a.cols;
    result.data.set(a.data.subarray(from, from + a.cols), row * a.cols);
  }
  return result;
}

/** All rows, several times over. */
function cycled(a: Matrix, times: number): Matrix {
  const result = matrix(times * a.rows, a.cols);
  for (let i = 0; i < times; i++) result.data.set(a.data, i * a.data.length);
  return result;
}
