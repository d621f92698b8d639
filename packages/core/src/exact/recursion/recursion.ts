import { type Activation, type NdArray, type Shape, sizeOf } from "@recon/engine";
import { matrixOf } from "../../linear-algebra/matrix.ts";
import { type MatrixProduct, plainProduct } from "../../linear-algebra/multiply.ts";
import { norm, transposedMatrixVector } from "../../linear-algebra/vector.ts";
import { singleSample } from "../linear-layer.ts";
import type { ExactResult } from "../result.ts";
import { inverseActivation } from "./inverse-activation.ts";
import { polish } from "./polish.ts";
import { onRightSides } from "./right-sides.ts";

interface RecursionLayerBase {
  /** Name of the weight, for reports. */
  readonly name: string;
  readonly weight: NdArray;
  readonly bias?: NdArray;
  readonly weightGradient: NdArray;
  readonly biasGradient?: NdArray;
  /** Which entries of the weight gradient hold (1) and which say nothing (0), flat; all hold unless said. */
  readonly usable?: Uint8Array;
  /** The same of the bias gradient. */
  readonly biasUsable?: Uint8Array;
  readonly activation: Activation;
  /** Without the batch axis. Between layers only the number of elements must agree: a reshape is free. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
}

/** z = W x + b with W [out, in]. */
export interface RecursionLinear extends RecursionLayerBase {
  readonly kind: "linear";
}

/** z = W * x + b with W [out, in / groups, ...] and x [in, ...]. */
export interface RecursionConvolution extends RecursionLayerBase {
  readonly kind: "convolution";
  readonly strides: readonly number[];
  /** Zeros before and after each spatial axis: [begin..., end...]. */
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly groups: number;
  /** Extents of windows that tile W * x and are averaged before b is added, one a spatial axis; none unless said. */
  readonly window?: readonly number[];
}

export type RecursionLayer = RecursionLinear | RecursionConvolution;

/** How the recursion went through one layer. */
export interface LayerReport {
  readonly name: string;
  /** Rank of the layer's equations over its unknowns, 1 where its input is determined. */
  readonly rankIndex: number;
  /** Smallest singular value of the layer's equations over the root mean square of all; 1 for a linear layer. */
  readonly conditioning: number;
  /** Relative misfit of the layer's gradients: weight, and bias where there is one. */
  readonly residual: number;
}

/** The input of the net and everything found on the way. */
export interface RecursionValue {
  /** The net's input, without the batch axis. */
  readonly input: NdArray;
  /** Reports from the head to the first layer. */
  readonly layers: readonly LayerReport[];
  /** Largest estimated error of the input of a layer over its rms, where it may matter: 0 where every layer is well conditioned; after a polish that of the net's input. */
  readonly relativeError: number;
  /** Estimated rms error of the input, from how well the equations agree; NaN where the first layer is linear and the input was not polished. */
  readonly deviation: number;
}

/** What a recursion found. */
export interface RecursionResult extends ExactResult<RecursionValue> {
  /** Set where nothing was found and the observation is to blame: no error reaches a layer, or the first layer's equations leave the input open. */
  readonly open?: true;
}

/** How a recursion is carried out. */
export interface RecursionOptions {
  /** Where large products are computed; plain loops unless given, which are slow above a thousand unknowns a layer. */
  readonly product?: MatrixProduct;
  /** Largest misfit of dW = db hᵀ at the head at which its gradient still counts as one sample's; 0.1 by default. */
  readonly headTolerance?: number;
  /**
   * Rms error of the input, relative to its rms, above which it is at last fitted to the gradients of all layers at once (`polish`): 10 to 17 dB
   * closer for a few times the work. 2e-5 by default, which about one float32 gradient of a small net in six exceeds; 0 for always, Infinity for never.
   */
  readonly accuracy?: number;
  readonly signal?: AbortSignal;
  /** Called after every layer. */
  readonly onLayer?: (report: LayerReport) => void;
}

/**
 * The input of a feed-forward net of linear and convolution layers from the gradient of one sample, layer by layer from the head.
 *
 *     head:    h = dWᵀ db / |db|²,  κ = Wᵀ db
 *     a layer: k = κ ∘ s'(z),  z = s⁻¹(h);  solve for its input x;  κ ← Wᵀ k
 *
 * The head is a linear layer with a bias and no activation under softmax cross-entropy or squared error: db is then ∂ℓ/∂z whatever the target, so no
 * label is needed. Hidden linear layers give x = dWᵀ k / |k|² (with db in place of k where there is one), convolutions by `convolutionInput`.
 * Activations must be invertible; under a ReLU the equations of units that are off drop out, and the rank index says whether enough remain.
 *
 * Needs batch 1: from several samples it returns a mixture, which the misfits mostly show and the caller must check on the whole gradient.
 *
 * @param layers in the order in which data passes through them.
 * @returns residual: the largest misfit of a layer; the value is absent, with the layer named, when some layer does not determine its input.
 * @see J. Zhu, M. Blaschko, "R-GAP: recursive gradient attack on privacy", ICLR 2021.
 */
export async function recursion(
  layers: readonly RecursionLayer[],
  options: RecursionOptions = {},
): Promise<RecursionResult> {
  const { headTolerance = 0.1, accuracy = 2e-5, product = plainProduct, signal, onLayer } = options;
  const assumptions = ["architecture", "weights", "lossKind", "batchSize"];
  const fail = (reason: string, open = false): RecursionResult => ({
    residual: Number.NaN,
    assumptions,
    reason,
    ...(open && { open: true }),
  });
  const head = layers.at(-1);
  const problem = head === undefined ? "There are no layers." : unsuitable(layers);
  if (head === undefined || problem !== undefined) return fail(problem ?? "");

  const reports: LayerReport[] = [];
  const note = (report: LayerReport): void => {
    reports.push(report);
    onLayer?.(report);
  };
  const db = head.biasGradient!.data;
  const atHead = singleSample(matrixOf(head.weightGradient), db);
  if (atHead.value === undefined) return fail(`Layer ${head.name}: ${atHead.reason}`, norm(db) === 0);
  if (!(atHead.residual <= headTolerance)) {
    return fail(
      `Layer ${head.name}: its gradient is not that of one sample (misfit ${atHead.residual.toExponential(1)}).`,
    );
  }
  note({ name: head.name, rankIndex: 1, conditioning: 1, residual: atHead.residual });

  let h: Float64Array = atHead.value;
  let deviation: number | undefined;
  let relativeError = 0;
  let cotangent = transposedMatrixVector(matrixOf(head.weight), db);
  for (const layer of layers.slice(0, -1).reverse()) {
    signal?.throwIfAborted();
    const inverse = inverseActivation(layer.activation)!;
    // A linear layer gives the zeros of units that are off exactly, an input that was solved for only as well as it was solved.
    const off = inverse.switchesOff ? offWithin * (deviation ?? 0) : 0;
    const usual = Math.max(...reports.map((report) => report.residual));
    const step = await onRightSides({ layer, output: h, cotangent, inverse }, off, usual, options);
    if (step.value === undefined) {
      // What one inner layer leaves open the gradients of those before it may still say; what the first leaves open nothing does.
      const final = layer === layers[0] || norm(cotangent) === 0;
      return fail(`Layer ${layer.name}: ${step.reason}`, final && step.open);
    }
    note({ name: layer.name, ...step.value.report, residual: step.residual });
    h = step.value.input;
    const before = layers[layers.indexOf(layer) - 1];
    const weak = step.value.report.conditioning < wellConditioned;
    const asked = weak || before === undefined || inverseActivation(before.activation)!.switchesOff;
    deviation = asked ? step.value.deviation?.() : undefined;
    const relative = deviation === undefined ? 0 : (deviation * Math.sqrt(h.length)) / norm(h);
    // As many equations as unknowns leave no misfit to estimate an error from.
    relativeError = Math.max(relativeError, Number.isNaN(relative) ? (weak ? Number.POSITIVE_INFINITY : 0) : relative);
    cotangent = step.value.cotangent;
  }
  const residual = Math.max(...reports.map((report) => report.residual));
  let reason = `Solved ${layers.length} layers from the head to the input; largest misfit ${residual.toExponential(1)}.`;
  const complete = layers.every(({ usable, biasUsable }) => usable === undefined && biasUsable === undefined);
  if (
    complete &&
    hasCurvedActivation(layers) &&
    !((deviation ?? Number.NaN) <= (accuracy * norm(h)) / Math.sqrt(h.length))
  ) {
    const polished = await polish(layers, h, product, signal);
    reason += ` Fitted to all gradients at once: misfit from ${polished.before.toExponential(1)} to ${polished.after.toExponential(1)}.`;
    h = polished.input;
    if (polished.deviation !== undefined) {
      deviation = polished.deviation;
      relativeError = (deviation * Math.sqrt(h.length)) / norm(h);
    }
  }
  return {
    value: {
      input: { shape: layers[0]!.inputShape, data: h },
      layers: reports,
      deviation: deviation ?? Number.NaN,
      relativeError,
    },
    residual,
    assumptions,
    reason,
  };
}

/** With a smallest singular value above this share of the mean, rounding of float32 grows to 1e-4 at most. */
const wellConditioned = 1e-3;
/** Outputs of a layer of units that switch off count as 0 within so many times their estimated error. */
const offWithin = 10;

/** Whether s'' differs from 0 somewhere. Where it does not, errors hardly grow from layer to layer, and a polish takes far longer than the recursion. */
function hasCurvedActivation(layers: readonly RecursionLayer[]): boolean {
  return layers.slice(0, -1).some(({ activation }) => {
    const { apply, curvature } = inverseActivation(activation)!;
    return curvature(apply(-0.5)) !== 0 || curvature(apply(0.5)) !== 0;
  });
}

/** Why the recursion cannot run on these layers, or undefined. */
function unsuitable(layers: readonly RecursionLayer[]): string | undefined {
  const head = layers.at(-1)!;
  if (head.kind !== "linear") return `The last layer, ${head.name}, is not linear.`;
  if (head.activation.name !== "identity")
    return `An activation (${head.activation.name}) follows the last layer, ${head.name}.`;
  if (head.biasGradient === undefined)
    return `The last layer, ${head.name}, has no bias gradient, so the scale of its input is open.`;
  for (const [i, layer] of layers.entries()) {
    const next = layers[i + 1];
    if (next === undefined) break;
    if (inverseActivation(layer.activation) === undefined)
      return `Layer ${layer.name}: ${layer.activation.name} cannot be inverted.`;
    if (sizeOf(layer.outputShape) !== sizeOf(next.inputShape)) {
      return `Between ${layer.name} and ${next.name} lies something other than a reshape: [${layer.outputShape.join(", ")}] becomes [${next.inputShape.join(", ")}].`;
    }
  }
  return undefined;
}
