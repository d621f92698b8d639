import {
  type Arrays,
  type Consumers,
  type Layer,
  type NdArray,
  sizeOf,
  type Tensor,
  topologicalOrder,
} from "@recon/engine";
import { weightMatrix } from "../weight-matrix.ts";
import { type FoldedLayer, foldedLayer } from "./folded-layer.ts";
import type { RecursionLayer } from "./recursion.ts";

/** The chain of layers that `recursion` takes, or why a net is none. */
export type LayerChain = { readonly layers: readonly RecursionLayer[] } | { readonly reason: string };

/** A traced net and what was observed of it. */
export interface LayerSources {
  /** What `layersOf` found, in order. */
  readonly layers: readonly Layer[];
  /** The net's input and output, as traced; the first axis is the batch. */
  readonly input: Tensor;
  readonly output: Tensor;
  /** Values of parameters and buffers by name. */
  readonly params: Arrays;
  /** By parameter name. */
  readonly gradient: Arrays;
  /** Of parameters whose gradient lacks entries: 1 where one survived, 0 where it was removed. */
  readonly masks?: Arrays;
}

/**
 * Pairs the layers of a traced net with its parameters and gradient, and checks that they form one chain from the input to the output with nothing
 * but reshapes between them.
 *
 * What only scales and shifts the channels between a layer's product and its activation (batch normalisation in eval mode) becomes part of the layer,
 * z' = a z + t: W' = a W, b' = a b + t, dW' = dW / a; an average over windows there stays with it as `window`.
 */
export function fromLayers({ layers, input, output, params, gradient, masks = {} }: LayerSources): LayerChain {
  if (layers.length === 0) return { reason: "The net has no linear or convolution layer." };
  const consumersOf = consumersIn(output);
  const folded = layers.map((layer) => foldedLayer(layer, input, params, consumersOf));
  // The recursion comes from the head, so what stops it first is the last.
  for (const [i, layer] of [...layers.entries()].reverse()) {
    const before = folded[i - 1]?.output ?? input;
    if (withoutReshapes(layer.input) !== withoutReshapes(before)) {
      return {
        reason: `Between ${layers[i - 1]?.weight ?? "the input"} and ${layer.weight} lies ${between(before, layer.input)}.`,
      };
    }
  }
  if (withoutReshapes(output) !== withoutReshapes(folded.at(-1)!.preActivation)) {
    return { reason: `Something other than a reshape lies behind the last layer, ${layers.at(-1)!.weight}.` };
  }
  if (layers.some((layer) => layer.input.shape[0] !== input.shape[0])) {
    return { reason: "A layer is applied at several positions of a sample, which share its gradient." };
  }
  const shared = layers.find((layer, i) => layers.findIndex(({ weight }) => weight === layer.weight) < i);
  if (shared !== undefined) return { reason: `Layer ${shared.weight} is applied twice, and its gradient is a sum.` };
  const paired = layers.map((layer, i) => pair(layer, folded[i]!, params, gradient, masks));
  const missing = paired.find((entry): entry is { missing: string } => "missing" in entry);
  if (missing !== undefined) return { reason: `The observation holds no gradient or value of ${missing.missing}.` };
  return { layers: paired.filter((entry): entry is RecursionLayer => !("missing" in entry)) };
}

function consumersIn(output: Tensor): Consumers {
  const consumers = new Map<Tensor, Tensor[]>();
  for (const node of topologicalOrder([output])) {
    for (const operand of new Set(node.inputs)) consumers.set(operand, [...(consumers.get(operand) ?? []), node]);
  }
  return (node) => consumers.get(node) ?? [];
}

/** What is on the way from the output of a layer to the input of the next, in words. */
function between(from: Tensor, to: Tensor): string {
  const start = withoutReshapes(from);
  const behind = (node: Tensor): boolean => topologicalOrder([node]).includes(start);
  if (!behind(to)) return "another part of the net, which does not use the former";
  const ops = topologicalOrder([to]).filter((node) => node !== start && node.op.name !== "reshape" && behind(node));
  const names = [...new Set(ops.map((node) => node.op.name))].join(", ");
  const [before, after] = [sizeOf(start.shape), sizeOf(to.shape)];
  const fewer =
    after < before
      ? `, which leaves ${after} of ${before} numbers (rank index at most ${(after / before).toFixed(3)})`
      : "";
  const skips = ops.some(
    (node) => node.op.name === "add" && node.inputs.every((x) => sizeOf(x.shape) === sizeOf(node.shape)),
  );
  return `${skips ? "a skip connection" : "more than a reshape"} (${names})${fewer}`;
}

function pair(
  layer: Layer,
  folded: FoldedLayer,
  params: Arrays,
  gradient: Arrays,
  masks: Arrays,
): RecursionLayer | { missing: string } {
  const weight = inRows(layer, params[layer.weight]);
  const weightGradient = inRows(layer, gradient[layer.weight]);
  if (weight === undefined || weightGradient === undefined) return { missing: layer.weight };
  const bias: NdArray | undefined = layer.bias === undefined ? undefined : params[layer.bias];
  const biasGradient: NdArray | undefined = layer.bias === undefined ? undefined : gradient[layer.bias];
  if (layer.bias !== undefined && (bias === undefined || biasGradient === undefined)) return { missing: layer.bias };
  const base = {
    name: layer.weight,
    ...withMasks(
      withScale({ weight, weightGradient, bias, biasGradient }, folded),
      inRows(layer, masks[layer.weight]),
      layer.bias === undefined ? undefined : masks[layer.bias],
    ),
    activation: folded.activation,
    inputShape: layer.input.shape.slice(1),
    outputShape: folded.preActivation.shape.slice(1),
  };
  if (layer.kind === "linear") return { kind: "linear", ...base };
  const { strides, pads, dilations, groups } = layer;
  return { kind: "convolution", ...base, strides, pads, dilations, groups, window: folded.window };
}

interface Paired {
  readonly weight: NdArray;
  readonly weightGradient: NdArray;
  readonly bias: NdArray | undefined;
  readonly biasGradient: NdArray | undefined;
}

/** The layer with z' = scale · z + shift in place of z. */
function withScale(
  { weight, weightGradient, bias, biasGradient }: Paired,
  { scale, shift }: FoldedLayer,
): Pick<RecursionLayer, "weight" | "weightGradient" | "bias" | "biasGradient" | "usable"> {
  if (scale.every((value) => value === 1) && shift.every((value) => value === 0)) {
    return {
      weight,
      weightGradient,
      ...(bias === undefined || biasGradient === undefined ? {} : { bias, biasGradient }),
    };
  }
  const map = ({ shape, data }: NdArray, f: (value: number, out: number) => number): NdArray => {
    const perOutput = data.length / scale.length;
    return { shape, data: Float64Array.from(data, (value, i) => f(value, Math.floor(i / perOutput))) };
  };
  const times = (value: number, out: number): number => value * scale[out]!;
  // A channel that is scaled by 0 sends no error back, so its gradients say nothing.
  const over = (value: number, out: number): number => (scale[out] === 0 ? 0 : value / scale[out]!);
  const zeros: NdArray = { shape: [scale.length], data: new Float64Array(scale.length) };
  return {
    weight: map(weight, times),
    weightGradient: map(weightGradient, over),
    bias: map(bias ?? zeros, (value, out) => times(value, out) + shift[out]!),
    ...(biasGradient !== undefined && { biasGradient: map(biasGradient, over) }),
    ...(scale.some((value) => value === 0) && {
      usable: Uint8Array.from(map(weight, (_, out) => (scale[out] === 0 ? 0 : 1)).data),
    }),
  };
}

/** With the entries marked that were removed from the observation. */
function withMasks<T extends Pick<RecursionLayer, "usable">>(
  layer: T,
  weights: NdArray | undefined,
  biases: NdArray | undefined,
): T & Pick<RecursionLayer, "usable" | "biasUsable"> {
  const gaps = (mask: NdArray | undefined): mask is NdArray => mask?.data.some((value) => value === 0) ?? false;
  return {
    ...layer,
    ...(gaps(weights) && { usable: Uint8Array.from(weights.data, (value, i) => value && (layer.usable?.[i] ?? 1)) }),
    ...(gaps(biases) && { biasUsable: Uint8Array.from(biases.data) }),
  };
}

/** A linear layer's array as [out, in], whichever way it is stored; others as they are. */
function inRows(layer: Layer, array: NdArray | undefined): NdArray | undefined {
  if (array === undefined || layer.kind !== "linear") return array;
  const { rows, cols, data } = weightMatrix(layer, array);
  return { shape: [rows, cols], data };
}

/** What a tensor is a reshape of. */
function withoutReshapes(tensor: Tensor): Tensor {
  let node = tensor;
  while (node.op.name === "reshape") node = node.inputs[0]!;
  return node;
}
