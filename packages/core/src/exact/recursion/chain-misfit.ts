import { sizeOf } from "@recon/engine";
import type { Matrix } from "../../linear-algebra/matrix.ts";
import { sparseVector, transposedSparseVector } from "../../linear-algebra/sparse.ts";
import { norm } from "../../linear-algebra/vector.ts";
import { errorsAdjoint, inputAdjoint, patchesOf, weightGradient } from "./convolution-gradient.ts";
import { type ConvolutionSystem, convolutionSystem } from "./convolution-system.ts";
import { type InverseActivation, inverseActivation } from "./inverse-activation.ts";
import type { RecursionConvolution, RecursionLayer } from "./recursion.ts";

/** A layer with its operators and the weights of its observed gradients. */
export interface ChainLayer {
  readonly layer: RecursionLayer;
  readonly system: ConvolutionSystem;
  readonly activation: InverseActivation;
  /** 1 / rms of the observed dW and db: float32 arithmetic errs by about the same share of every tensor. 0 where db is not observed. */
  readonly weightScale: number;
  readonly biasScale: number;
}

/** A layer at one input of the net. */
export interface LayerPoint {
  /** h before the layer. */
  readonly input: Float64Array;
  readonly patches: readonly Matrix[];
  /** s'(z). */
  readonly slopes: Float64Array;
  /** k = κ ∘ s'(z). */
  readonly errors: Float64Array;
  /** ∂k/∂z at fixed κ: κ ∘ s''(z). */
  readonly bends: Float64Array;
  /** (dW − observed) and (db − observed), times the square of their scales. */
  readonly weightResidual: Float64Array;
  readonly biasResidual: Float64Array | undefined;
}

/** The whole chain at one input. */
export interface ChainPoint {
  readonly layers: readonly LayerPoint[];
  /** Σ over tensors of (scale · ‖gradient − observed‖)². */
  readonly misfit: number;
}

/** Prepares layers for `chainAt`; all but the last must have an invertible activation, and the last a bias gradient. */
export function chainOf(layers: readonly RecursionLayer[]): ChainLayer[] {
  return layers.map((layer, i) => ({
    layer,
    system: convolutionSystem(layer.kind === "convolution" ? layer : asConvolution(layer)),
    activation: inverseActivation(layer.activation)!,
    weightScale: inverseRms(layer.weightGradient.data),
    // The head's db is taken as exact: it is where k comes from.
    biasScale: layer.biasGradient === undefined || i === layers.length - 1 ? 0 : inverseRms(layer.biasGradient.data),
  }));
}

/** A linear layer is a convolution over a single position. */
export function asConvolution(layer: RecursionLayer): RecursionConvolution {
  const [out = 0, inputs = 0] = [layer.weight.shape[0], sizeOf(layer.weight.shape.slice(1))];
  return {
    ...layer,
    kind: "convolution",
    weight: { shape: [out, inputs], data: layer.weight.data },
    inputShape: [inputs],
    outputShape: [out],
    strides: [],
    pads: [],
    dilations: [],
    groups: 1,
  };
}

function inverseRms(values: ArrayLike<number>): number {
  const size = norm(values);
  return size > 0 ? Math.sqrt(values.length) / size : 0;
}

/** Forward and backward through the chain at an input x, with ∂ℓ/∂z of the head as it was observed. */
export function chainAt(chain: readonly ChainLayer[], x: Float64Array): ChainPoint {
  const inputs: Float64Array[] = [];
  let h = x;
  for (const { layer, system, activation } of chain) {
    inputs.push(h);
    h = sparseVector(system.weights, h).map((value, i) =>
      activation.apply(value + (layer.bias?.data[Math.floor(i / system.outputs)] ?? 0)),
    );
  }
  const points: LayerPoint[] = [];
  let misfit = 0;
  let cotangent: Float64Array = Float64Array.from(chain.at(-1)!.layer.biasGradient!.data);
  for (let l = chain.length - 1; l >= 0; l--) {
    const { layer, system, activation, weightScale, biasScale } = chain[l]!;
    const output = inputs[l + 1];
    const slopes = output?.map((value) => activation.slope(value)) ?? new Float64Array(cotangent.length).fill(1);
    const bends = output?.map((value, i) => cotangent[i]! * activation.curvature(value)) ?? new Float64Array();
    const errors = cotangent.map((value, i) => value * slopes[i]!);
    const patches = patchesOf(system, inputs[l]!);
    const observed = layer.weightGradient.data;
    const weightDifference = weightGradient(system, patches, errors).map((value, i) => value - observed[i]!);
    const biasDifference =
      biasScale > 0 ? biasSums(errors, system.outputs).map((sum, o) => sum - layer.biasGradient!.data[o]!) : undefined;
    misfit += (weightScale * norm(weightDifference)) ** 2 + (biasScale * norm(biasDifference ?? [])) ** 2;
    points.unshift({
      input: inputs[l]!,
      patches,
      slopes,
      errors,
      bends,
      weightResidual: weightDifference.map((value) => weightScale ** 2 * value),
      biasResidual: biasDifference?.map((value) => biasScale ** 2 * value),
    });
    cotangent = transposedSparseVector(system.weights, errors);
  }
  return { layers: points, misfit };
}

/**
 * The point with its residuals replaced by what a small change of the net's input adds to them, scale² · J dx: what `misfitGradient` makes of it is
 * Jᵀ W J dx.
 */
export function residualChange(chain: readonly ChainLayer[], point: ChainPoint, dx: Float64Array): ChainPoint {
  const inputs: Float64Array[] = [];
  const preActivations: Float64Array[] = [];
  let dh = dx;
  for (const [l, { system }] of chain.entries()) {
    inputs.push(dh);
    const dz = sparseVector(system.weights, dh);
    preActivations.push(dz);
    dh = dz.map((value, i) => point.layers[l]!.slopes[i]! * value);
  }
  const layers: LayerPoint[] = [];
  // The head's k does not move.
  let dk: Float64Array = new Float64Array(preActivations.at(-1)!.length);
  for (let l = chain.length - 1; l >= 0; l--) {
    const { system, weightScale, biasScale } = chain[l]!;
    const layer = point.layers[l]!;
    const change = weightGradient(system, layer.patches, dk);
    add(change, weightGradient(system, patchesOf(system, inputs[l]!), layer.errors));
    layers.unshift({
      ...layer,
      weightResidual: change.map((value) => weightScale ** 2 * value),
      biasResidual: layer.biasResidual && biasSums(dk, system.outputs).map((value) => biasScale ** 2 * value),
    });
    const before = point.layers[l - 1];
    if (before === undefined) break;
    const dz = preActivations[l - 1]!;
    dk = transposedSparseVector(system.weights, dk).map(
      (value, i) => before.slopes[i]! * value + before.bends[i]! * dz[i]!,
    );
  }
  return { layers, misfit: Number.NaN };
}

/** Half the derivative of the misfit by the net's input, by reverse differentiation of `chainAt`. */
export function misfitGradient(chain: readonly ChainLayer[], { layers }: ChainPoint): Float64Array {
  // κ runs from the head to the input, so its adjoint runs from the input to the head.
  const byErrors: Float64Array[] = [];
  for (const [l, { system }] of chain.entries()) {
    const { patches, weightResidual, biasResidual } = layers[l]!;
    const adjoint = errorsAdjoint(system, patches, weightResidual);
    if (biasResidual !== undefined) {
      for (let i = 0; i < adjoint.length; i++) adjoint[i]! += biasResidual[Math.floor(i / system.outputs)]!;
    }
    const before = layers[l - 1];
    if (before !== undefined) {
      const viaErrors = byErrors[l - 1]!.map((value, i) => value * before.slopes[i]!);
      add(adjoint, sparseVector(system.weights, viaErrors));
    }
    byErrors.push(adjoint);
  }
  let byOutput: Float64Array | undefined;
  for (let l = chain.length - 1; l >= 0; l--) {
    const { system } = chain[l]!;
    const { errors, slopes, bends, weightResidual } = layers[l]!;
    const byInput = inputAdjoint(system, errors, weightResidual);
    if (byOutput !== undefined) {
      const byPreActivation = byOutput.map((value, i) => value * slopes[i]! + byErrors[l]![i]! * bends[i]!);
      add(byInput, transposedSparseVector(system.weights, byPreActivation));
    }
    byOutput = byInput;
  }
  return byOutput!;
}

/** db[o] = Σ_q k[o, q]. */
function biasSums(k: Float64Array, outputs: number): Float64Array {
  const sums = new Float64Array(k.length / outputs);
  for (let i = 0; i < k.length; i++) sums[Math.floor(i / outputs)]! += k[i]!;
  return sums;
}

function add(target: Float64Array, values: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += values[i]!;
}
