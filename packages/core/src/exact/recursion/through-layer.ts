import { matrixOf } from "../../linear-algebra/matrix.ts";
import { plainProduct } from "../../linear-algebra/multiply.ts";
import { transposedSparseVector } from "../../linear-algebra/sparse.ts";
import { norm, transposedMatrixVector } from "../../linear-algebra/vector.ts";
import { singleSample } from "../linear-layer.ts";
import type { ExactResult } from "../result.ts";
import { asConvolution } from "./chain-misfit.ts";
import { convolutionInput } from "./convolution-input.ts";
import { convolutionSystem } from "./convolution-system.ts";
import type { InverseActivation } from "./inverse-activation.ts";
import type { RecursionLayer, RecursionOptions } from "./recursion.ts";

/** What is known behind a layer. */
export interface LayerOutput {
  readonly layer: RecursionLayer;
  /** h = s(z). */
  readonly output: Float64Array;
  /** ∂ℓ/∂h. */
  readonly cotangent: Float64Array;
  readonly inverse: InverseActivation;
}

/** What `throughLayer` found; `open` where the layer's equations leave its input open. */
export interface LayerResult extends ExactResult<LayerStep> {
  readonly open?: true;
}

/** What follows in front of it. */
export interface LayerStep {
  readonly input: Float64Array;
  /** ∂ℓ/∂x at the layer's input. */
  readonly cotangent: Float64Array;
  readonly report: { readonly rankIndex: number; readonly conditioning: number };
  /** Estimated rms error of the input, where it was solved for by least squares. */
  readonly deviation?: () => number;
}

/** The input x of a layer and ∂ℓ/∂x, from its output and ∂ℓ/∂h there. */
export async function throughLayer(
  { layer, output, cotangent, inverse }: LayerOutput,
  { product = plainProduct, signal }: RecursionOptions,
): Promise<LayerResult> {
  const h = output.map((value) => inverse.clip(value));
  const k = h.map((value, i) => cotangent[i]! * inverse.slope(value));
  const complete = layer.usable === undefined && layer.biasUsable === undefined;
  if (layer.kind === "linear" && complete) {
    const delta = layer.biasGradient === undefined ? k : Float64Array.from(layer.biasGradient.data);
    const found = singleSample(matrixOf(layer.weightGradient), delta);
    if (found.value === undefined)
      return { residual: found.residual, assumptions: found.assumptions, reason: found.reason, open: true };
    const back = transposedMatrixVector(matrixOf(layer.weight), delta);
    return {
      ...found,
      value: {
        input: found.value,
        cotangent: back,
        report: { rankIndex: 1, conditioning: 1 },
      },
    };
  }
  const system = convolutionSystem(layer.kind === "linear" ? asConvolution(layer) : layer);
  const perOutput = (i: number): number => Math.floor(i / system.outputs);
  const found = await convolutionInput(
    {
      system,
      product: h.map((value, i) => inverse.invert(value) - (layer.bias?.data[perOutput(i)] ?? 0)),
      weights: h.map((value) => inverse.weight(value)),
      errors: k,
      weightGradient: layer.weightGradient.data,
      usable: layer.usable,
    },
    product,
    signal,
  );
  const { value, residual, assumptions, reason } = found;
  if (value === undefined) return { residual, assumptions, reason, ...(found.open && { open: true }) };
  const { x, rankIndex, conditioning, deviation } = value;
  const biasMisfit = layer.biasGradient === undefined ? 0 : biasResidual(k, layer, system.outputs);
  return {
    value: {
      input: x,
      cotangent: transposedSparseVector(system.weights, k),
      report: { rankIndex, conditioning },
      deviation,
    },
    residual: Math.max(residual, biasMisfit),
    assumptions,
    reason,
  };
}

/** ‖Σ_q k[o, q] − db[o]‖ / ‖db‖ for a convolution's bias, over the entries that hold. */
function biasResidual(k: Float64Array, { biasGradient, biasUsable }: RecursionLayer, outputs: number): number {
  const observed = biasGradient!.data;
  const misfit = Float64Array.from(observed, (value, o) => {
    if (biasUsable?.[o] === 0) return 0;
    let total = -value;
    for (let q = 0; q < outputs; q++) total += k[o * outputs + q]!;
    return total;
  });
  const size = norm(observed);
  return size > 0 ? norm(misfit) / size : norm(misfit);
}
