/** Convolutions: channels last in TensorFlow.js, channels first in the engine, with transposes between. */
import type { backend_util, Conv2DAttrs, Conv2DBackpropInputAttrs, FusedConv2DAttrs } from "@tensorflow/tfjs-core";
import { EngineError } from "../../errors.ts";
import { add } from "../../ops/arithmetic.ts";
import { type ConvGeometry, convInputGradient, convolution } from "../../ops/conv.ts";
import { reshape, transpose } from "../../ops/shape.ts";
import type { Shape, Tensor } from "../../tensor.ts";
import { endWith } from "./activations.ts";
import type { KernelCall, TraceRule, TraceRules } from "./rule.ts";

type Format = "NHWC" | "NCHW" | undefined;
type Four = [number, number, number, number];

/** Channels second. */
export const channelsFirst = (x: Tensor, format?: Format): Tensor =>
  format === "NCHW" ? x : transpose(x, [0, 3, 1, 2]);

/** Channels where TensorFlow.js wants them. */
export const asGiven = (x: Tensor, format?: Format): Tensor => (format === "NCHW" ? x : transpose(x, [0, 2, 3, 1]));

/** [h, w, I, O] as [O, I, h, w]. */
const denseKernel = (w: Tensor): Tensor => transpose(w, [3, 2, 0, 1]);

/** [h, w, C, M] as [C·M, 1, h, w]. */
function depthwiseKernel(w: Tensor): Tensor {
  const [height, width, channels, multiplier] = w.shape as Four;
  return reshape(transpose(w, [2, 3, 0, 1]), [channels * multiplier, 1, height, width]);
}

function geometryOf(info: backend_util.Conv2DInfo, groups: number): ConvGeometry {
  const { top, left, bottom, right } = info.padInfo;
  return {
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads: [top, left, bottom, right],
    groups,
  };
}

/** TensorFlow.js works out padding and output shape itself. */
function convInfo(
  { tf }: KernelCall,
  x: Shape,
  filter: Shape,
  attributes: Conv2DAttrs,
  depthwise: boolean,
): backend_util.Conv2DInfo {
  const { strides, dilations, pad, dimRoundingMode, dataFormat } = attributes;
  return tf.backend_util.computeConv2DInfo(
    [...x] as Four,
    [...filter] as Four,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
    tf.backend_util.convertConv2DDataFormat(dataFormat ?? "NHWC"),
  );
}

/** The bias is added while channels are second, so that the layer stays recognisable. */
function convolve(call: KernelCall, depthwise: boolean): Tensor {
  const attributes = call.attributes as FusedConv2DAttrs;
  const [x, filter, bias] = [call.operand("x"), call.operand("filter"), call.optional("bias")];
  const info = convInfo(call, x.shape, filter.shape, attributes, depthwise);
  const input = channelsFirst(x, attributes.dataFormat);
  const kernel = depthwise ? depthwiseKernel(filter) : denseKernel(filter);
  const geometry = geometryOf(info, input.shape[1]! / kernel.shape[1]!);
  const along = bias !== undefined && bias.shape.length === 1;
  const product = convolution(input, kernel, along ? bias : undefined, geometry);
  const result = asGiven(product, attributes.dataFormat);
  if (result.shape.join() !== info.outShape.join()) {
    throw new EngineError(
      "unsupported-op",
      `A TensorFlow.js convolution rounds its output to [${info.outShape}] where the engine has [${result.shape}]. Use dimRoundingMode "floor" or pad "same" or "valid".`,
    );
  }
  const biased = bias === undefined || along ? result : add(result, bias);
  return endWith(biased, attributes, call.optional("preluActivationWeights"));
}

const dense: TraceRule = (call) => convolve(call, false);
const depthwise: TraceRule = (call) => convolve(call, true);

/** The adjoint in the input, which is also tf.conv2dTranspose. */
function inputGradient(call: KernelCall): Tensor {
  const { inputShape, ...rest } = call.attributes as Conv2DBackpropInputAttrs;
  const [dy, filter] = [call.operand("dy"), call.operand("filter")];
  const info = convInfo(call, inputShape, filter.shape, { ...rest, dilations: 1 }, false);
  const shape = [info.batchSize, info.inChannels, info.inHeight, info.inWidth];
  const y = channelsFirst(dy, rest.dataFormat);
  return asGiven(convInputGradient(y, denseKernel(filter), shape, geometryOf(info, 1)), rest.dataFormat);
}

export const convolutionRules: TraceRules = {
  Conv2D: dense,
  FusedConv2D: dense,
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2D: depthwise,
  Conv2DBackpropInput: inputGradient,
};
