import type { Arrays, Layer, NdArray, Tensor } from "@recon/engine";
import { weightMatrix } from "../weight-matrix.ts";
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
  readonly params: Arrays;
  /** By parameter name. */
  readonly gradient: Arrays;
}

/**
 * Pairs the layers of a traced net with its parameters and gradient, and checks that they form one chain from the input to the output with nothing
 * but reshapes between them.
 */
export function fromLayers({ layers, input, output, params, gradient }: LayerSources): LayerChain {
  if (layers.length === 0) return { reason: "The net has no linear or convolution layer." };
  let before = input;
  for (const layer of layers) {
    if (withoutReshapes(layer.input) !== withoutReshapes(before)) {
      return { reason: `Something other than a reshape lies before layer ${layer.weight}.` };
    }
    before = layer.output;
  }
  if (withoutReshapes(output) !== withoutReshapes(before)) {
    return { reason: `Something other than a reshape lies behind the last layer, ${layers.at(-1)!.weight}.` };
  }
  if (layers.some((layer) => layer.input.shape[0] !== input.shape[0])) {
    return { reason: "A layer is applied at several positions of a sample, which share its gradient." };
  }
  const paired = layers.map((layer) => pair(layer, params, gradient));
  const missing = paired.find((entry): entry is { missing: string } => "missing" in entry);
  if (missing !== undefined) return { reason: `The observation holds no gradient or value of ${missing.missing}.` };
  return { layers: paired.filter((entry): entry is RecursionLayer => !("missing" in entry)) };
}

function pair(layer: Layer, params: Arrays, gradient: Arrays): RecursionLayer | { missing: string } {
  const weight = inRows(layer, params[layer.weight]);
  const weightGradient = inRows(layer, gradient[layer.weight]);
  if (weight === undefined || weightGradient === undefined) return { missing: layer.weight };
  const bias: NdArray | undefined = layer.bias === undefined ? undefined : params[layer.bias];
  const biasGradient: NdArray | undefined = layer.bias === undefined ? undefined : gradient[layer.bias];
  if (layer.bias !== undefined && (bias === undefined || biasGradient === undefined)) return { missing: layer.bias };
  const base = {
    name: layer.weight,
    weight,
    weightGradient,
    ...(bias === undefined || biasGradient === undefined ? {} : { bias, biasGradient }),
    activation: layer.activation,
    inputShape: layer.input.shape.slice(1),
    outputShape: layer.preActivation.shape.slice(1),
  };
  if (layer.kind === "linear") return { kind: "linear", ...base };
  const { strides, pads, dilations, groups } = layer;
  return { kind: "convolution", ...base, strides, pads, dilations, groups };
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
