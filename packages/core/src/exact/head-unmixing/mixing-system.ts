import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { innerProduct, norm } from "../../linear-algebra/vector.ts";
import type { Linearisation } from "../../solvers/levenberg-marquardt.ts";
import type { ReducedHead } from "./reduced-head.ts";

/** The part of a reduced head that the equations are made of. */
export type MixingHead = Pick<
  ReducedHead,
  "classes" | "rank" | "gradient" | "biasGradient" | "logits" | "bias" | "tau"
>;

/**
 * The equations for the mixing matrix A [B, r], with Δ(A) = s (softmax(A Uᵀ + b) − Y):
 *
 *     Δᵀ A = C,  Δᵀ 1 = db
 *
 * Residuals are weighted by class: w_k (Δᵀ A − C)_k and w_k τ (Δᵀ 1 − db)_k.
 */
export interface MixingSystem {
  readonly samples: number;
  readonly linearise: (mixing: Float64Array) => Linearisation;
  readonly cost: (mixing: Float64Array) => number;
  /** Δ [B, K] at a mixing matrix. */
  readonly errors: (mixing: Float64Array) => Matrix;
}

/**
 * Builds the system for labels in some order; the unknown is A, flat by rows.
 *
 * @param weights w [K].
 * @param scale s: 1 / B under a mean over the batch, 1 under a sum.
 */
export function mixingSystem(
  head: MixingHead,
  labels: ArrayLike<number>,
  scale: number,
  weights: Float64Array,
): MixingSystem {
  const { classes, rank, gradient, biasGradient, logits, bias, tau } = head;
  const samples = labels.length;

  /** Δ at A, and the softmax itself. */
  const at = (mixing: Float64Array): { readonly softmax: Matrix; readonly errors: Matrix } => {
    const softmax = matrix(samples, classes);
    for (let i = 0; i < samples; i++) {
      const row = softmax.data.subarray(i * classes, (i + 1) * classes);
      let largest = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < classes; k++) {
        let z = bias[k]!;
        for (let c = 0; c < rank; c++) z += mixing[i * rank + c]! * logits.data[k * rank + c]!;
        row[k] = z;
        if (z > largest) largest = z;
      }
      let total = 0;
      for (let k = 0; k < classes; k++) {
        row[k] = Math.exp(row[k]! - largest);
        total += row[k]!;
      }
      for (let k = 0; k < classes; k++) row[k]! /= total;
    }
    const errors = matrix(
      samples,
      classes,
      softmax.data.map((p) => scale * p),
    );
    for (let i = 0; i < samples; i++) errors.data[i * classes + labels[i]!]! -= scale;
    return { softmax, errors };
  };

  /** Residuals, unweighted: Δᵀ A − C [K, r] and Δᵀ 1 − db [K]. */
  const misfits = (
    mixing: Float64Array,
    errors: Matrix,
  ): { readonly gradient: Matrix; readonly bias: Float64Array } => {
    const rest = matrix(
      classes,
      rank,
      gradient.data.map((value) => -value),
    );
    const biasRest = biasGradient.map((value) => -value);
    for (let i = 0; i < samples; i++) {
      for (let k = 0; k < classes; k++) {
        const error = errors.data[i * classes + k]!;
        biasRest[k]! += error;
        for (let c = 0; c < rank; c++) rest.data[k * rank + c]! += error * mixing[i * rank + c]!;
      }
    }
    return { gradient: rest, bias: biasRest };
  };

  const costOf = (rest: { readonly gradient: Matrix; readonly bias: Float64Array }): number => {
    let total = 0;
    for (let k = 0; k < classes; k++) {
      total += (weights[k]! * tau * rest.bias[k]!) ** 2;
      total += (weights[k]! * norm(rest.gradient.data.subarray(k * rank, (k + 1) * rank))) ** 2;
    }
    return total;
  };

  const cost = (mixing: Float64Array): number => costOf(misfits(mixing, at(mixing).errors));

  const linearise = (mixing: Float64Array): Linearisation => {
    const { softmax, errors } = at(mixing);
    const rest = misfits(mixing, errors);
    const slopes = errorSlopes(softmax, logits, scale);
    const n = samples * rank;
    const normal = matrix(n, n);
    const gradientOf = new Float64Array(n);
    const square = weights.map((w) => w * w);
    const row = (i: number): Float64Array => mixing.subarray(i * rank, (i + 1) * rank);
    for (let i = 0; i < samples; i++) {
      for (let k = 0; k < classes; k++) {
        // ∂(Δᵀ A − C)[k, b] / ∂a_c = slope[k, c] a_b + Δ_k [b = c], and the same without a for db.
        const back = rest.gradient.data.subarray(k * rank, (k + 1) * rank);
        const along = square[k]! * innerProduct(back, row(i)) + square[k]! * tau ** 2 * rest.bias[k]!;
        const error = square[k]! * errors.data[i * classes + k]!;
        for (let c = 0; c < rank; c++) {
          gradientOf[i * rank + c]! += along * slopes[i]!.data[k * rank + c]! + error * back[c]!;
        }
      }
      for (let j = 0; j <= i; j++) addBlock(normal, i, j, row(i), row(j), slopes, errors, square, tau * tau);
    }
    return { cost: costOf(rest), normal, gradient: gradientOf };
  };

  return { samples, linearise, cost, errors: (mixing) => at(mixing).errors };
}

/** ∂Δ_ik / ∂a_ic = s p_ik (U_kc − Σ_l p_il U_lc), a matrix [K, r] a sample. */
function errorSlopes(softmax: Matrix, logits: Matrix, scale: number): Matrix[] {
  const { rows: classes, cols: rank } = logits;
  return Array.from({ length: softmax.rows }, (_, i) => {
    const p = softmax.data.subarray(i * classes, (i + 1) * classes);
    const mean = new Float64Array(rank);
    for (let k = 0; k < classes; k++) for (let c = 0; c < rank; c++) mean[c]! += p[k]! * logits.data[k * rank + c]!;
    const slope = matrix(classes, rank);
    for (let k = 0; k < classes; k++) {
      for (let c = 0; c < rank; c++) {
        const at = k * rank + c;
        slope.data[at] = scale * p[k]! * (logits.data[at]! - mean[c]!);
      }
    }
    return slope;
  });
}

/**
 * Block (i, j) of JᵀJ, from the structure of J instead of J itself, r times cheaper:
 *
 *     Σ_k w_k² (⟨a_i, a_j⟩ + τ²) D_i[k, c] D_j[k, d] + w_k² (D_i[k, c] Δ_jk a_i[d] + Δ_ik a_j[c] D_j[k, d] + [c = d] Δ_ik Δ_jk)
 */
function addBlock(
  normal: Matrix,
  i: number,
  j: number,
  ai: Float64Array,
  aj: Float64Array,
  slopes: readonly Matrix[],
  errors: Matrix,
  square: Float64Array,
  tauSquare: number,
): void {
  const rank = ai.length;
  const classes = square.length;
  const [di, dj] = [slopes[i]!.data, slopes[j]!.data];
  const overlap = innerProduct(ai, aj);
  const leftMoments = new Float64Array(rank);
  const rightMoments = new Float64Array(rank);
  let both = 0;
  for (let k = 0; k < classes; k++) {
    const weight = square[k]! * (overlap + tauSquare);
    const [ei, ej] = [square[k]! * errors.data[i * classes + k]!, square[k]! * errors.data[j * classes + k]!];
    both += ei * errors.data[j * classes + k]!;
    for (let c = 0; c < rank; c++) {
      const left = di[k * rank + c]!;
      leftMoments[c]! += left * ej;
      rightMoments[c]! += ei * dj[k * rank + c]!;
      const factor = weight * left;
      const to = (i * rank + c) * normal.cols + j * rank;
      for (let d = 0; d < rank; d++) normal.data[to + d]! += factor * dj[k * rank + d]!;
    }
  }
  for (let c = 0; c < rank; c++) {
    const to = (i * rank + c) * normal.cols + j * rank;
    for (let d = 0; d < rank; d++) normal.data[to + d]! += leftMoments[c]! * ai[d]! + aj[c]! * rightMoments[d]!;
    normal.data[to + c]! += both;
  }
}
