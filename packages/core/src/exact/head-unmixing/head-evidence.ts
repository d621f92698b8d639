import type { JacobianEvidence } from "../../certificate/certify.ts";
import { ReconError } from "../../errors.ts";
import { cholesky, choleskySolve, inverseIteration } from "../../linear-algebra/cholesky.ts";
import { identityMatrix, type Matrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, multiply } from "../../linear-algebra/multiply.ts";
import { qr } from "../../linear-algebra/qr.ts";
import { svd } from "../../linear-algebra/svd.ts";
import { norm } from "../../linear-algebra/vector.ts";
import { headMisfit } from "./head-misfit.ts";
import { mixingSystem } from "./mixing-system.ts";
import type { HeadSources, ReducedHead } from "./reduced-head.ts";

/** Features that explain a head's gradient. */
export interface HeadSolution {
  /** H [B, F]. */
  readonly features: Matrix;
  readonly labels: ArrayLike<number>;
  /** Δ [B, K]. */
  readonly errors: Matrix;
  readonly scale: number;
  readonly noiseStd: number;
}

/**
 * How well (dW, τ db) determines all B · F entries of H, every class's row measured in units of its rounding or noise.
 *
 *     d(dW) = dΔᵀ H + Δᵀ dH,  d(db) = dΔᵀ 1,  dΔ = s (diag p − p pᵀ) dH Wᵀ
 *
 * Directions of dH orthogonal to the rows of H and of W leave Δ alone and are seen through Δᵀ, so σ_min is the smaller one of σ_min(Δ) and of what the
 * Jacobian has on the span of those rows, B · (B + K) unknowns at most: there by a Cholesky of its normal matrix.
 *
 * @returns rank below `unknowns` and σ_min 0 where that matrix is singular to working precision; rms: of a sample, √(mean_i ‖h_i‖²).
 */
export async function headEvidence(
  head: HeadSources,
  { noise, tau }: ReducedHead,
  { features, labels, errors, scale, noiseStd }: HeadSolution,
  product: MatrixProduct,
): Promise<JacobianEvidence> {
  const [samples, width, classes] = [features.rows, features.cols, head.weight.rows];
  const unknowns = samples * width;
  const weights = noise.map((size) => 1 / size);
  const span = spanOf([features, head.weight], width);
  const system = mixingSystem(
    {
      classes,
      rank: span.rows,
      gradient: matrix(classes, span.rows),
      biasGradient: new Float64Array(classes),
      logits: multiply(head.weight, span, { transposeB: true }),
      bias: Float64Array.from(head.bias),
      tau,
    },
    labels,
    scale,
    weights,
  );
  const { normal } = system.linearise(multiply(features, span, { transposeB: true }).data);
  const inside = await smallestSingular(normal, product);
  const outside = span.rows === width ? Number.POSITIVE_INFINITY : smallestOfErrors(errors, weights);
  const smallestSingularValue = Math.min(inside, outside);
  const { rows } = headMisfit(head, features, errors, tau);
  return {
    rank: smallestSingularValue > 0 ? unknowns : unknowns - 1,
    unknowns,
    smallestSingularValue,
    residualNorm: norm(rows.map((size, k) => size * weights[k]!)),
    // Rounding is not quite what it is taken for: four times as much is allowed.
    noiseNorm: noiseStd > 0 ? (noiseStd * Math.sqrt(classes * (width + 1))) / noise[0]! : 4 * Math.sqrt(classes),
    rms: norm(features.data) / Math.sqrt(samples),
  };
}

/** σ_min from JᵀJ; 0 where the matrix is not positive definite to working precision. */
async function smallestSingular(normal: Matrix, product: MatrixProduct): Promise<number> {
  try {
    const factor = await cholesky(normal, { product });
    return Math.sqrt(inverseIteration((b) => choleskySolve(factor, b), factor.rows, 4));
  } catch (error) {
    if (error instanceof ReconError && error.code === "not-positive-definite") return 0;
    throw error;
  }
}

/** σ_min of diag(weights) Δᵀ. */
function smallestOfErrors(errors: Matrix, weights: Float64Array): number {
  const { rows: samples, cols: classes, data } = errors;
  if (samples > classes) return 0;
  const weighted = matrix(
    samples,
    classes,
    data.map((value, at) => value * weights[at % classes]!),
  );
  return svd(weighted).values[samples - 1]!;
}

/** Orthonormal rows that span the rows of all matrices. */
function spanOf(matrices: readonly Matrix[], width: number): Matrix {
  const all = matrix(
    matrices.reduce((n, { rows }) => n + rows, 0),
    width,
  );
  let at = 0;
  for (const { data } of matrices) {
    all.data.set(data, at);
    at += data.length;
  }
  if (all.rows >= width) return identityMatrix(width);
  const directions = transposed(qr(transposed(all)).q).data;
  const kept = Array.from({ length: all.rows }, (_, i) => directions.subarray(i * width, (i + 1) * width)).filter(
    (row) => row.some((value) => value !== 0),
  );
  const span = matrix(kept.length, width);
  kept.forEach((row, i) => {
    span.data.set(row, i * width);
  });
  return span;
}
