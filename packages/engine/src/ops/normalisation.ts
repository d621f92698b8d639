/** Normalisation by mean and deviation, and the layers made of it. */
import { EngineError } from "../errors.ts";
import type { Emitter } from "../onnx/emitter.ts";
import { type Op, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { add, div, mul, neg, square, sub } from "./arithmetic.ts";
import { broadcastIndex, normaliseAxes } from "./indexing.ts";
import { mean } from "./reduce.ts";
import { reshape } from "./shape.ts";
import { mapTangent } from "./tangent.ts";
import { sqrt } from "./unary.ts";

interface Over {
  readonly axes: readonly number[];
  readonly epsilon: number;
}

const overOf = (node: Tensor): Over => node.attributes as unknown as Over;
const keptShape = (shape: Shape, axes: readonly number[]): number[] =>
  shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));

/** Mean and 1/√(variance + ε) of every group of elements, and the group that each element belongs to. */
function statistics(x: Float64Array, shape: Shape, { axes, epsilon }: Over) {
  const kept = keptShape(shape, axes);
  const group = broadcastIndex(kept, shape);
  const count = sizeOf(shape) / sizeOf(kept);
  const means = new Float64Array(sizeOf(kept));
  const variances = new Float64Array(sizeOf(kept));
  x.forEach((value, i) => {
    means[group[i]!]! += value / count;
  });
  x.forEach((value, i) => {
    variances[group[i]!]! += (value - means[group[i]!]!) ** 2 / count;
  });
  return { group, means, inverse: variances.map((variance) => 1 / Math.sqrt(variance + epsilon)) };
}

/** x − mean x and √(variance + ε): equal nodes are emitted once, so the two ops share them. */
function lowerParts(node: Tensor, x: string, emit: Emitter): { centred: string; deviation: string } {
  const { axes, epsilon } = overOf(node);
  const average = (y: string): string => emit.node("ReduceMean", [y, emit.ints(axes)], { keepdims: { int: 1 } });
  const centred = emit.node("Sub", [x, average(x)]);
  const variance = average(emit.node("Mul", [centred, centred]));
  return { centred, deviation: emit.node("Sqrt", [emit.node("Add", [variance, emit.float([epsilon], [])])]) };
}

const standardiseOp: Op = {
  name: "standardise",
  // With x̂ the result and r = 1/√(var + ε) the Jacobian is r (1 − mean − x̂ mean(x̂ ·)), its own transpose.
  vjp: (node, cotangent) => [standardiseDerivative(node, cotangent)],
  jvp: (node, [x]) => mapTangent(x, (t) => standardiseDerivative(node, t)),
  evaluate: (node, [x]) => {
    const { group, means, inverse } = statistics(x!, node.shape, overOf(node));
    return x!.map((value, i) => (value - means[group[i]!]!) * inverse[group[i]!]!);
  },
  // Not the runtime's LayerNormalization: it computes the variance as a difference of large numbers.
  lower: (node, [x], emit) => {
    const { centred, deviation } = lowerParts(node, x!, emit);
    return emit.node("Div", [centred, deviation]);
  },
};

function standardiseDerivative(node: Tensor, t: Tensor): Tensor {
  const { axes, epsilon } = overOf(node);
  const along = mul(node, mean(mul(node, t), axes, true));
  return mul(sub(sub(t, mean(t, axes, true)), along), inverseDeviation(node.inputs[0]!, axes, epsilon));
}

/**
 * x̂ = (x − mean x) / √(var x + ε), with mean and biased variance over `axes`.
 *
 * @throws EngineError `axis`.
 */
export function standardise(x: Tensor, axes: readonly number[], epsilon = 1e-5): Tensor {
  const over = normaliseAxes("standardise", axes, x.shape.length);
  return { op: standardiseOp, inputs: [x], attributes: { axes: over, epsilon }, shape: x.shape, dtype: "float" };
}

const inverseDeviationOp: Op = {
  name: "inverseDeviation",
  // dr = −r² mean(x̂ dx).
  vjp: (node, cotangent) => {
    const { axes, epsilon } = overOf(node);
    const x = node.inputs[0]!;
    const count = sizeOf(x.shape) / sizeOf(node.shape);
    return [mul(mul(mul(square(node), cotangent), -1 / count), standardise(x, axes, epsilon))];
  },
  jvp: (node, [x]) =>
    mapTangent(x, (t) => {
      const { axes, epsilon } = overOf(node);
      return neg(mul(square(node), mean(mul(standardise(node.inputs[0]!, axes, epsilon), t), axes, true)));
    }),
  evaluate: (node, [x]) => statistics(x!, node.inputs[0]!.shape, overOf(node)).inverse,
  lower: (node, [x], emit) => emit.node("Div", [emit.float([1], []), lowerParts(node, x!, emit).deviation]),
};

/** 1 / √(var x + ε) with the biased variance over `axes`, which stay with extent 1. @throws EngineError `axis`. */
export function inverseDeviation(x: Tensor, axes: readonly number[], epsilon = 1e-5): Tensor {
  const over = normaliseAxes("inverseDeviation", axes, x.shape.length);
  const shape = keptShape(x.shape, over);
  return { op: inverseDeviationOp, inputs: [x], attributes: { axes: over, epsilon }, shape, dtype: "float" };
}

/** A learned scale and shift, and what is added to the variance. */
export interface NormalisationOptions {
  readonly weight?: Tensor;
  readonly bias?: Tensor;
  /** ε; 1e-5 unless said. */
  readonly epsilon?: number;
}

function affine(x: Tensor, shape: Shape, { weight, bias }: NormalisationOptions): Tensor {
  const scaled = weight === undefined ? x : mul(x, reshape(weight, shape));
  return bias === undefined ? scaled : add(scaled, reshape(bias, shape));
}

/** The shape in which one number a channel meets x [B, C, ...]. */
const channelShape = (what: string, x: Tensor): number[] => {
  if (x.shape.length < 2) throw new EngineError("shape", `${what}: x [${x.shape.join(", ")}] must be [B, C, ...].`);
  return [x.shape[1]!, ...x.shape.slice(2).map(() => 1)];
};

/** Batch normalisation in train mode: x [B, C, ...] by the mean and biased variance of every channel over the batch, then weight · x̂ + bias. @throws EngineError `shape`. */
export function batchNorm(x: Tensor, options: NormalisationOptions = {}): Tensor {
  const shape = channelShape("batchNorm", x);
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  return affine(standardise(x, axes, options.epsilon), shape, options);
}

/** Batch normalisation in eval mode: weight · (x − average) / √(variance + ε) + bias with stored statistics [C]. @throws EngineError `shape`. */
export function batchNormEval(
  x: Tensor,
  average: Tensor,
  variance: Tensor,
  options: NormalisationOptions = {},
): Tensor {
  const shape = channelShape("batchNormEval", x);
  const deviation = sqrt(add(variance, options.epsilon ?? 1e-5));
  const scale = options.weight === undefined ? div(1, deviation) : div(options.weight, deviation);
  // One number a channel throughout, so that x is passed over three times and no more.
  const centred = sub(x, reshape(average, shape));
  return affine(centred, shape, { ...options, weight: scale });
}

/** Layer normalisation over the last axis, or the last `axes` ones: weight · x̂ + bias. @throws EngineError `shape`. */
export function layerNorm(x: Tensor, options: NormalisationOptions & { readonly axes?: number } = {}): Tensor {
  const count = options.axes ?? 1;
  if (count < 1 || count > x.shape.length)
    throw new EngineError(
      "shape",
      `layerNorm: ${count} axes of x [${x.shape.join(", ")}]; give 1 … ${x.shape.length}.`,
    );
  const axes = Array.from({ length: count }, (_, i) => i - count);
  return affine(standardise(x, axes, options.epsilon), x.shape.slice(-count), options);
}

/** Group normalisation: x [B, C, ...] by the mean and variance of every group of C / groups channels of every example. @throws EngineError `shape`. */
export function groupNorm(x: Tensor, groups: number, options: NormalisationOptions = {}): Tensor {
  const shape = channelShape("groupNorm", x);
  const [batch, channels] = x.shape as [number, number];
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0)
    throw new EngineError("shape", `groupNorm: ${groups} groups do not divide ${channels} channels.`);
  const grouped = standardise(reshape(x, [batch, groups, -1]), [-1], options.epsilon);
  return affine(reshape(grouped, x.shape), shape, options);
}
