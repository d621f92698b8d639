import { appendColumn, type Matrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, multiply } from "../../linear-algebra/multiply.ts";
import { topSingular } from "../../linear-algebra/svd.ts";
import { norm } from "../../linear-algebra/vector.ts";
import { type ExactResult, unitRoundoff } from "../result.ts";

/** A softmax head, logits = W h + b with K outputs and F inputs, and its gradients. */
export interface HeadSources {
  /** W [K, F]. */
  readonly weight: Matrix;
  /** b [K]. */
  readonly bias: ArrayLike<number>;
  /** dW [K, F]. */
  readonly weightGradient: Matrix;
  /** db [K]. */
  readonly biasGradient: ArrayLike<number>;
}

/**
 * The head in the coordinates of its gradient's row space: rows V [r, F + 1], orthonormal, that span those of [dW | τ db]. Every sample whose error is
 * not a combination of the others' has [h | τ] = a V for a row a of r numbers, and its logits are a Uᵀ + b.
 */
export interface ReducedHead {
  readonly classes: number;
  readonly features: number;
  /** r = min(B, F + 1). */
  readonly rank: number;
  /** V without its last column [r, F]. */
  readonly basis: Matrix;
  /** Last column of V over τ [r]: a · ones = 1. */
  readonly ones: Float64Array;
  /** C = [dW | τ db] Vᵀ [K, r]. */
  readonly gradient: Matrix;
  /** db [K]. */
  readonly biasGradient: Float64Array;
  /** U = W Vᵀ [K, r]. */
  readonly logits: Matrix;
  /** b [K]. */
  readonly bias: Float64Array;
  readonly tau: number;
  /** Norm of the rounding or noise of every row of C [K]; τ times that of db. */
  readonly noise: Float64Array;
  /** What makes the equations of a class relative to its row [K]. */
  readonly relative: Float64Array;
}

/** What is known of the samples and of the gradient's accuracy, and how products are computed. */
export interface ReduceOptions {
  /** Number of samples of every class [K]. */
  readonly labelCounts: ArrayLike<number>;
  /** s: 1 / B under a mean over the batch, 1 under a sum. */
  readonly scale: number;
  readonly precision: "float32" | "float64";
  readonly noiseStd: number;
  readonly product: MatrixProduct;
}

/**
 * Reduces a head to the row space of its gradient.
 *
 * Rounding is relative to the terms that a row sums up, s p_ik h_i and s h_i for the samples of its class, so the rows are scaled to one norm first:
 * what a saturated softmax hides in rows of 1e-9 then counts like the rest. Noise of one size everywhere drowns such rows, and there the rows are left
 * as they are. τ is about ‖h‖, so that the column of the bias weighs as much as all others.
 *
 * @returns an absent value where fewer than r singular values stand above rounding or noise, with the reason.
 */
export async function reducedHead(head: HeadSources, options: ReduceOptions): Promise<ExactResult<ReducedHead>> {
  const { weight, weightGradient, biasGradient } = head;
  const { labelCounts, precision, noiseStd, product } = options;
  const fail = (reason: string): ExactResult<ReducedHead> => ({ residual: Number.NaN, assumptions: [], reason });
  const [classes, features, width] = [weight.rows, weight.cols, weight.cols + 1];
  const samples = Array.from(labelCounts).reduce((sum, count) => sum + count, 0);
  const tau = featureSize(head, labelCounts);
  if (!(tau > 0) || !Number.isFinite(tau)) return fail("It is zero or not finite: no sample left a trace in it.");
  const augmented = appendColumn(
    weightGradient,
    Float64Array.from(biasGradient, (value) => tau * value),
  );
  const sizes = rowNorms(augmented);
  const rank = Math.min(samples, width);
  const noise = rowNoise(sizes, rank, tau, options);
  if (rank > classes - 1) return fail(softmaxBound(samples, classes));
  const scales = noiseStd > 0 ? new Float64Array(classes).fill(1) : relativeScales(sizes, noise, precision, noiseStd);
  const scaled = matrix(
    classes,
    width,
    augmented.data.map((value, at) => value * scales[Math.floor(at / width)]!),
  );
  const { values, right } = await topSingular(scaled, rank, product);
  const floor =
    noiseStd > 0
      ? 1.1 * noiseStd * (Math.sqrt(classes) + Math.sqrt(width))
      : 4 * norm(noise.map((size, k) => size * scales[k]!));
  const visible = values.filter((value) => value > floor).length;
  if (visible < rank) return fail(hidden(visible, samples));
  const rows = transposed(right);
  const basis = matrix(rank, features);
  for (let i = 0; i < rank; i++) basis.data.set(rows.data.subarray(i * width, (i + 1) * width - 1), i * features);
  const value: ReducedHead = {
    classes,
    features,
    rank,
    basis,
    ones: Float64Array.from({ length: rank }, (_, i) => rows.data[i * width + features]! / tau),
    gradient: multiply(augmented, right),
    biasGradient: Float64Array.from(biasGradient),
    logits: multiply(weight, basis, { transposeB: true }),
    bias: Float64Array.from(head.bias),
    tau,
    noise,
    relative: relativeScales(sizes, noise, precision, noiseStd),
  };
  return { value, residual: 0, assumptions: [], reason: `${rank} singular values above ${floor.toExponential(1)}.` };
}

/**
 * What scales every row to norm 1, so that rare classes count as much as common ones; less where that would lift the row's rounding above 1e-9 (float64)
 * or 1e-5 (float32), or its noise above 1.
 */
function relativeScales(
  sizes: Float64Array,
  noise: Float64Array,
  precision: "float32" | "float64",
  noiseStd: number,
): Float64Array {
  const most = noiseStd > 0 ? 1 : { float32: 1e-5, float64: 1e-9 }[precision];
  return sizes.map((size, k) => 1 / Math.max(size, noise[k]! / most));
}

/** ‖h‖ of the average that the rows without samples give; ‖dW‖ / ‖db‖ where every class has some. */
function featureSize({ weightGradient, biasGradient }: HeadSources, labelCounts: ArrayLike<number>): number {
  const { rows, cols, data } = weightGradient;
  const total = new Float64Array(cols);
  let weight = 0;
  for (let k = 0; k < rows; k++) {
    if (labelCounts[k] !== 0) continue;
    weight += biasGradient[k]!;
    for (let j = 0; j < cols; j++) total[j]! += data[k * cols + j]!;
  }
  const found = Math.hypot(norm(total) / weight, 1e-3);
  return weight > 0 && Number.isFinite(found) ? found : norm(data) / norm(biasGradient);
}

/** Norm of the error of every row of C and db: ε (‖row‖ + count · s ‖h‖) of rounding, or σ √(r + 1) of noise. */
function rowNoise(sizes: Float64Array, rank: number, tau: number, options: ReduceOptions): Float64Array {
  const { labelCounts, scale, precision, noiseStd } = options;
  const rounding = unitRoundoff[precision];
  return sizes.map((size, k) =>
    Math.max(rounding * (size + labelCounts[k]! * scale * tau), noiseStd * Math.sqrt(rank + 1)),
  );
}

function rowNorms({ rows, cols, data }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, k) => norm(data.subarray(k * cols, (k + 1) * cols)));
}

function softmaxBound(samples: number, classes: number): string {
  return `The errors of a softmax over ${classes} classes span at most ${classes - 1} dimensions, so ${samples} samples leave a mixture.`;
}

function hidden(visible: number, samples: number): string {
  return `It shows ${visible} of ${samples} samples: the others are repeated, fitted by the net already, or combinations of these, and leave a mixture.`;
}
