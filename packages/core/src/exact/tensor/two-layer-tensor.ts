import { appendColumn, type Matrix } from "../../linear-algebra/matrix.ts";
import { norm } from "../../linear-algebra/vector.ts";
import type { ExactResult } from "../result.ts";
import { activationShape } from "./activation-shape.ts";
import type { BlockEquations } from "./block-fit.ts";
import { hermiteConstants } from "./hermite-constants.ts";
import { type IsotropicWeights, isotropicWeights } from "./isotropic-weights.ts";
import { marginPolish } from "./margin-polish.ts";
import { type MomentOrder, momentOrders } from "./moment-orders.ts";
import { joined, type PolishedPoint, polish, subset } from "./polish.ts";
import { rowSpan } from "./row-span.ts";
import { type StartOptions, startingPoint } from "./starting-point.ts";
import type { BlockInSpan, TensorBlock, TensorOptions, TensorValue } from "./tensor-block.ts";
import { disturbed, tensorDirections } from "./tensor-directions.ts";
import { tensorValue } from "./tensor-value.ts";

/** Relative residuals over all neurons that count as explained. */
const explained = { float32: 1e-5, float64: 1e-10 } as const;
const mostUnknowns = 4096;
/** Neurons that lengths and signs of a start are chosen by. */
const startNeurons = 400;

/**
 * All samples of a batch behind a "linear, activation, linear" block from its weights' gradients.
 *
 * The rows of ∂ℓ/∂W span the inputs exactly. In that span, moments of the gradient against Hermite polynomials of the weights make a tensor whose components are
 * the samples; its decomposition starts a Levenberg–Marquardt search on the gradients themselves, which ends at rounding error. A bias is one more
 * input that is 1 for every sample, so that its gradient gives signs and lengths. In a deep net the block may lie anywhere: what comes back is its input.
 *
 * @returns residual: relative misfit of ∂ℓ/∂[W | b] over all neurons. A value with a large residual is the best that was found, not a solution.
 * @see Z. Wang, J. Lee, Q. Lei, "Reconstructing Training Data from Model Gradient, Provably", AISTATS 2023; the exact span and the polish are ours.
 */
export async function twoLayerTensor(block: TensorBlock, options: TensorOptions): Promise<ExactResult<TensorValue>> {
  const { noiseStd = 0, product, order } = options;
  const assumptions = ["architecture", "weights", ...(noiseStd > 0 ? ["defenceParams"] : [])];
  const none = (reason: string): ExactResult<TensorValue> => ({ residual: Number.NaN, assumptions, reason });
  const inSpan = await blockInSpan(block, options);
  if ("reason" in inSpan) return none(inSpan.reason);
  const isotropic = await isotropicWeights(inSpan.equations.weights, product);
  const scale = pre(isotropic, options, inSpan.biased);
  const chosen = momentOrders(await hermiteConstants(block.activation, { scale }), order);
  if ("reason" in chosen) return none(chosen.reason);
  const found = await search(inSpan, chosen.orders, isotropic, options);
  if (found === undefined) return none("The search was aborted.");
  return { ...found, assumptions };
}

/** The standard deviation of a pre-activation: the weights' times the inputs' length, which is taken to be 1 / √variance where nothing is known of it. */
function pre({ factor }: IsotropicWeights, { inputLength }: TensorOptions, biased: boolean): number {
  if (inputLength === undefined) return 1;
  return factor.data[0]! * Math.hypot(inputLength, biased ? 1 : 0);
}

/** The block in the span of its inputs; or why the gradients do not determine them. */
async function blockInSpan(
  block: TensorBlock,
  { precision, noiseStd = 0, batchSize, product, rng }: TensorOptions,
): Promise<BlockInSpan | { readonly reason: string }> {
  const { outer, outerGradient, activation, bias, biasGradient } = block;
  const biased = bias !== undefined && biasGradient !== undefined;
  const weight = biased ? appendColumn(block.weight, bias) : block.weight;
  const gradient = biased ? appendColumn(block.weightGradient, biasGradient) : block.weightGradient;
  const found = await rowSpan(gradient, { precision, noiseStd, product, rng, ...(batchSize && { batchSize }) });
  if (found.value === undefined) return { reason: found.reason };
  const span = found.value;
  const doubt = countDoubt(gradient, block, span.rank, batchSize);
  if (doubt !== undefined) return { reason: doubt };
  const shape = await activationShape(activation);
  // Where the slope is even but s(0) is not zero, the outer gradient alone tells the signs, and a search cannot cross from one to the other.
  const usable =
    outerGradient !== undefined && norm(outerGradient.data) > 0 && !(shape.evenSlope && shape.atZero !== 0);
  const equations: BlockEquations = {
    weights: await product(weight, span.basis),
    gradient: await product(gradient, span.basis),
    outer,
    ...(usable && { outerGradient }),
    activation,
  };
  return { weight, biased, span, shape, equations };
}

/** Why the numbers of equations, unknowns and samples do not go together. */
function countDoubt(
  { rows, cols }: Matrix,
  { outer, outerGradient }: TensorBlock,
  rank: number,
  batchSize: number | undefined,
): string | undefined {
  const highest = Math.min(rows, cols);
  if (rank >= highest && batchSize !== rank) {
    const told = batchSize === undefined ? "" : `; the batch holds ${batchSize}`;
    return `The gradient has rank ${rank}, as high as it can be: its rows do not show how many samples there are${told}.`;
  }
  const unknowns = rank * (rank + outer.rows);
  if (rows * (rank + (outerGradient === undefined ? 0 : outer.rows)) < unknowns) {
    return `${rows} neurons give fewer equations than ${rank} samples have unknowns, ${unknowns}.`;
  }
  if (unknowns <= mostUnknowns) return undefined;
  return `${rank} samples with ${outer.rows} outputs make ${unknowns} unknowns, and no more than ${mostUnknowns} are tried.`;
}

/** The best of several starts, polished; the first that explains the gradients ends the search. */
async function search(
  inSpan: BlockInSpan,
  orders: readonly MomentOrder[],
  isotropic: IsotropicWeights,
  options: TensorOptions,
): Promise<Omit<ExactResult<TensorValue>, "assumptions"> | undefined> {
  const { equations, shape, span } = inSpan;
  const { precision, noiseStd = 0, product, rng, restarts = 6, signal, inputLength } = options;
  const tolerance = noiseStd > 0 ? noiseTolerance(equations, noiseStd) : explained[precision];
  const found = await tensorDirections(equations, orders, isotropic, product, rng);
  const few = subset(equations, startNeurons, rng);
  let best: { readonly start: Matrix; readonly polished: PolishedPoint } | undefined;
  for (let attempt = 0; attempt < restarts && !signal?.aborted; attempt++) {
    const stream = rng.split(`attempt ${attempt}`);
    const decomposition = found[attempt % found.length]!;
    const directions = attempt < found.length ? decomposition : disturbed(decomposition, stream);
    const { coordinates, cotangents } = await startingPoint(
      few,
      directions,
      startOptions(inSpan, directions, inputLength),
    );
    const how = { product, rng: stream, signal, tolerance, straight: shape.piecewiseStraight };
    const refine = shape.kinked ? marginPolish : polish;
    const polished = await refine(equations, joined(coordinates, cotangents), how);
    if (best === undefined || polished.residual < best.polished.residual) best = { start: coordinates, polished };
    if (best.polished.residual <= tolerance) break;
  }
  if (best === undefined) return undefined;
  const { residual, point } = best.polished;
  const reason =
    residual <= tolerance
      ? `Tensor of order ${orders.join(" and ")} in the exact span, then a fit to the gradients of all neurons.`
      : `The fit in the span of ${span.rank} samples ended at a relative misfit of ${residual.toExponential(1)} after ${restarts} starts.`;
  return { value: tensorValue(inSpan, best.start, point, inputLength), residual, reason };
}

/** The bias coordinate, 1 for every sample, gives length and sign of a direction; without it an even slope leaves the sign open. */
function startOptions(
  { span, shape, biased }: BlockInSpan,
  directions: Matrix,
  length: number | undefined,
): StartOptions {
  if (!biased) return { signOpen: shape.evenSlope, ...(length !== undefined && { length }) };
  const { basis, rank } = span;
  const last = basis.data.subarray((basis.rows - 1) * rank);
  const scales = Float64Array.from({ length: rank }, (_, i) => {
    let total = 0;
    for (let k = 0; k < rank; k++) total += last[k]! * directions.data[i * rank + k]!;
    // A direction with hardly any bias coordinate is one whose length the tensor does not show.
    return Math.sign(total || 1) / Math.max(Math.abs(total), 0.05);
  });
  return { scales, signOpen: false };
}

function noiseTolerance({ gradient }: BlockEquations, noiseStd: number): number {
  return (1.1 * noiseStd * Math.sqrt(gradient.data.length)) / norm(gradient.data);
}
