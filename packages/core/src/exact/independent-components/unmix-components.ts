import { identityMatrix, type Matrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, multiply, plainProduct } from "../../linear-algebra/multiply.ts";
import { svd, topSingular } from "../../linear-algebra/svd.ts";
import { matrixVector } from "../../linear-algebra/vector.ts";
import { rankTest } from "../rank.ts";
import type { ExactResult } from "../result.ts";
import { type UnmixingOptions, unmixingRows } from "./unmixing-rows.ts";

/** What is known of the batch, and how it is unmixed. */
export interface IndependentComponentsOptions extends Partial<UnmixingOptions> {
  /** B. */
  readonly samples: number;
  readonly precision: "float32" | "float64";
  readonly noiseStd?: number;
  readonly product?: MatrixProduct;
}

/** A batch as far as independence tells its samples apart. */
export interface IndependentComponents {
  /** X̂ [B, d]: on the scale of the inputs where db was given, else of unit variance with an open sign. */
  readonly inputs: Matrix;
  /** Δ̂ [B, m] with dW ≈ Δ̂ᵀ X̂; absent where the scale is open. */
  readonly errors?: Matrix;
}

/**
 * The inputs of a linear layer as the independent components of its gradient's rows, which are mixtures of them, dW = Δᵀ X:
 *
 *     centre the rows, whiten to rank B: Z = √d Vᵀ;  s = W Z;  X̂ = W √d S⁻¹ Uᵀ dW,  each row over its part of db
 *
 * Everything is linear in dW, so X̂ lies in the span of the inputs whatever W is, and db = Δᵀ 1 fixes scale and sign. The directions rest on the inputs
 * being far from Gaussian and nearly independent along the d entries, which no equation checks: certifies nothing.
 *
 * @param weightGradient dW [m, d]; db [m] where the layer has a bias.
 * @returns residual of the rank test: share of ‖dW‖ outside of the B dimensions.
 * @see S. Kariyappa et al., "Cocktail Party Attack", ICML 2023 (the objective; the start by a fixed point is ours).
 */
export async function unmixComponents(
  weightGradient: Matrix,
  biasGradient: ArrayLike<number> | undefined,
  options: IndependentComponentsOptions,
): Promise<ExactResult<IndependentComponents>> {
  const { samples, precision, noiseStd = 0, product = plainProduct } = options;
  const { nonGaussianity = 1, decorrelation = 1.47, temperature = 12.4, steps = 300, rate = 1e-3 } = options;
  const assumptions = ["batchSize"];
  const { rows, cols } = weightGradient;
  const centred = matrix(rows, cols);
  for (let k = 0; k < rows; k++) {
    const row = weightGradient.data.subarray(k * cols, (k + 1) * cols);
    const mean = row.reduce((sum, value) => sum + value, 0) / cols;
    row.forEach((value, j) => {
      centred.data[k * cols + j] = value - mean;
    });
  }
  const tested = await rankTest(centred, undefined, { precision, noiseStd, product, limit: samples + 1 });
  const fail = (reason: string): ExactResult<IndependentComponents> => ({
    residual: tested.residual,
    assumptions,
    reason,
  });
  const largest = Math.min(rows, cols);
  if (samples > largest)
    return fail(
      `A ${rows} x ${cols} gradient has at most ${largest} independent rows, and the batch holds ${samples}.`,
    );
  const { values, left, right } = await topSingular(centred, samples, product);
  const found = tested.value?.rank ?? 0;
  if (found > 0 && found < samples) {
    return fail(
      `The gradient has rank ${found} for ${samples} samples: repeated or silent samples leave fewer directions than there are components.`,
    );
  }
  if (!(values[samples - 1]! > 0)) return fail(tested.reason);
  const whitened = transposed(right);
  whitened.data.forEach((value, at) => {
    whitened.data[at] = Math.sqrt(cols) * value;
  });
  const w = unmixingRows(whitened, identityMatrix(samples), {
    nonGaussianity,
    decorrelation,
    temperature,
    steps,
    rate,
  });
  // M = W √d S⁻¹ Uᵀ takes the rows of dW to the components.
  const scaled = matrix(
    samples,
    samples,
    w.data.map((value, at) => (value * Math.sqrt(cols)) / values[at % samples]!),
  );
  const unmixing = multiply(scaled, left, { transposeB: true });
  const components = await product(unmixing, weightGradient);
  const reason = `${samples} components of a gradient of rank ${samples}, told apart by their independence alone.`;
  if (biasGradient === undefined)
    return { value: { inputs: components }, residual: tested.residual, assumptions, reason };
  const parts = matrixVector(unmixing, biasGradient);
  const flat = parts.findIndex((part) => !(Math.abs(part) > 0));
  if (flat >= 0) return fail(`Component ${flat + 1} has no part in the bias gradient, so its scale is open.`);
  const inputs = matrix(
    samples,
    cols,
    components.data.map((value, at) => value / parts[Math.floor(at / cols)]!),
  );
  // X̂ = D⁻¹ W √d S⁻¹ Uᵀ dW, so dW = U S (W √d)⁻¹ D X̂ on the span, and Δ̂ = D (W √d)⁻ᵀ S Uᵀ.
  const errors = errorsOf(w, values, left, parts, cols);
  return { value: { inputs, ...(errors && { errors }) }, residual: tested.residual, assumptions, reason };
}

/** Δ̂ = D (W √d)⁻ᵀ S Uᵀ; undefined where W is singular. */
function errorsOf(
  w: Matrix,
  values: Float64Array,
  left: Matrix,
  parts: Float64Array,
  cols: number,
): Matrix | undefined {
  const n = w.rows;
  const { values: singular, left: u, right: v } = svd(w);
  if (!(singular[n - 1]! > 1e-8)) return undefined;
  // W⁻ᵀ = U S⁻¹ Vᵀ.
  const inverse = multiply(
    matrix(
      n,
      n,
      u.data.map((value, at) => value / singular[at % n]!),
    ),
    v,
    { transposeB: true },
  );
  inverse.data.forEach((value, at) => {
    inverse.data[at] = (parts[Math.floor(at / n)]! * value * values[at % n]!) / Math.sqrt(cols);
  });
  return multiply(inverse, left, { transposeB: true });
}
