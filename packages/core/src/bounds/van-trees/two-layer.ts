/** Two-layer networks f(x) = Σ_j a_j s(w_j·x) with one sample: the case in which everything can be written down. */
import { ReconError } from "../../errors.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { matrixVector, transposedMatrixVector } from "../../linear-algebra/vector.ts";
import type { Bound } from "../bound.ts";
import { normalDensity } from "../distributions/normal.ts";
import { requireCount, requireNoise, requirePositive } from "../ranges.ts";

/** An activation and its first two derivatives. */
export interface SmoothActivation {
  value(z: number): number;
  first(z: number): number;
  second(z: number): number;
}

/** E f(Z), Z ~ N(0, 1), by the trapezoidal rule on [−12, 12]: exact to rounding for smooth f. */
export function normalMean(f: (z: number) => number): number {
  const [points, width] = [4800, 24 / 4800];
  let total = 0;
  for (let i = 0; i <= points; i++) {
    const z = -12 + i * width;
    total += f(z) * normalDensity(z) * width;
  }
  return total;
}

export interface TwoLayerSetting {
  readonly activation: SmoothActivation;
  /** d. */
  readonly dimension: number;
  /** m. */
  readonly width: number;
  /** σ of the noise on every entry. */
  readonly noiseStd: number;
  /** r = f(x) − y. */
  readonly residual: number;
  /** |x|. */
  readonly inputNorm: number;
  /** Which gradients are seen: the output layer's alone, or the first layer's too. */
  readonly observed: "output" | "both";
}

/**
 * What any unbiased estimator must err by, in total over the coordinates, with weights w_j ~ N(0, I) and a_j = 1:
 *
 *     E|x̂ − x|² ≥ d σ² / ( m r² (2 E s'² + |x|² E s''²) )        output gradient only: the bracket is E s'²
 *
 * with s' and s'' at w·x ~ N(0, |x|²).
 *
 * @throws ReconError `no-noise`, `bad-option`; `no-trace` for a residual of 0, which leaves no trace of the sample.
 */
export function twoLayerBound(setting: TwoLayerSetting): Bound {
  const { activation, dimension, width, noiseStd, residual, inputNorm, observed } = setting;
  requireCount("dimension of the data", dimension);
  requireCount("hidden width", width);
  requireNoise("standard deviation of the noise", noiseStd);
  requirePositive("norm of the input", inputNorm);
  if (!(Math.abs(residual) > 0)) {
    throw new ReconError(
      "no-trace",
      `The residual is ${residual}: such a sample has no gradient, so nothing bounds the error but the prior.`,
    );
  }
  const slope = normalMean((z) => activation.first(inputNorm * z) ** 2);
  const bend = normalMean((z) => activation.second(inputNorm * z) ** 2);
  const bracket = observed === "output" ? slope : 2 * slope + inputNorm ** 2 * bend;
  return {
    value: (dimension * noiseStd ** 2) / (width * residual ** 2 * bracket),
    kind: "lower",
    assumptions: [
      "One sample, without biases, at a residual that does not depend on it.",
      "The weights are standard normal and the hidden layer is so wide that sums over it equal their means.",
      "The estimator is unbiased; one with a prior may do better.",
      "The noise is Gaussian, independent of the data and of the stated scale.",
    ],
  };
}

/**
 * The Jacobian, (m + m d) × d, of x ↦ (g, G) for a_j = 1/m and ℓ = (f(x) − y)² / 2, with g = ∂ℓ/∂a and G = m ∂ℓ/∂W:
 *
 *     g_j = r s(w_j·x),    G_jk = r s'(w_j·x) x_k,    r = (1/m) Σ s(w_j·x) − y
 *     ∂g_j/∂x_l = r s' w_jl + s ∂r/∂x_l,    ∂G_jk/∂x_l = r s'' x_k w_jl + r s' [k = l] + s' x_k ∂r/∂x_l
 *
 * The first m rows are those of g, so that a mask can leave either gradient out.
 *
 * @param weights W, m × d.
 * @param label y.
 */
export function twoLayerJacobian(
  weights: Matrix,
  activation: SmoothActivation,
  label: number,
  x: ArrayLike<number>,
): Matrix {
  const { rows: m, cols: d, data: w } = weights;
  const z = matrixVector(weights, x);
  const values = z.map((at) => activation.value(at));
  const slopes = z.map((at) => activation.first(at));
  const residual = values.reduce((total, value) => total + value / m, -label);
  const pull = transposedMatrixVector(weights, slopes).map((value) => value / m);
  const result = matrix(m + m * d, d);
  for (let j = 0; j < m; j++) {
    const [value, slope, bend] = [values[j]!, slopes[j]!, residual * activation.second(z[j]!)];
    for (let l = 0; l < d; l++) {
      const weight = w[j * d + l]!;
      result.data[j * d + l] = residual * slope * weight + value * pull[l]!;
      const along = bend * weight + slope * pull[l]!;
      for (let k = 0; k < d; k++)
        result.data[(m + j * d + k) * d + l] = x[k]! * along + (k === l ? residual * slope : 0);
    }
  }
  return result;
}
