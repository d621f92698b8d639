/** Convolutions and pooling over the spatial axes of [batch, channels, ...]. */
import { add } from "../../../ops/arithmetic.ts";
import { avgPool } from "../../../ops/avg-pool.ts";
import { toFloat, toInt } from "../../../ops/compare.ts";
import { type ConvOptions, convolution } from "../../../ops/conv.ts";
import { constant } from "../../../ops/leaf.ts";
import { maxPool } from "../../../ops/max-pool.ts";
import { reshape } from "../../../ops/shape.ts";
import { pad } from "../../../ops/slice.ts";
import { transposedConvolution } from "../../../ops/transposed-convolution.ts";
import { sizeOf, type Tensor } from "../../../tensor.ts";
import { type Call, checkSize, type OpEntry } from "../call.ts";
import { quote } from "../quote.ts";

interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** [begin..., end...] */
  readonly pads: readonly number[];
}

function perAxis(call: Call, name: string, count: number, otherwise: number, lowest: number): readonly number[] {
  const values = call.ints(name) ?? new Array<number>(count).fill(otherwise);
  if (values.length !== count || values.some((value) => value < lowest || value > 2 ** 31)) {
    throw call.error(
      "shape",
      `attribute ${name} = [${values.slice(0, 8)}] does not fit ${count} numbers of at least ${lowest}.`,
    );
  }
  return values;
}

/** The window of a convolution or pooling, with `auto_pad` worked out. */
function windowOf(call: Call, x: Tensor, kernel: readonly number[]): Window {
  const n = x.shape.length - 2;
  if (n < 1 || kernel.length !== n) {
    throw call.error("shape", `a kernel of ${kernel.length} axes does not fit [${x.shape.join(", ")}].`);
  }
  const strides = perAxis(call, "strides", n, 1, 1);
  const dilations = perAxis(call, "dilations", n, 1, 1);
  const auto = call.string("auto_pad", "NOTSET");
  if (auto === "NOTSET") return { kernel, strides, dilations, pads: perAxis(call, "pads", 2 * n, 0, 0) };
  if (auto === "VALID") return { kernel, strides, dilations, pads: new Array<number>(2 * n).fill(0) };
  const total = kernel.map((k, i) => {
    const extent = x.shape[i + 2]!;
    return Math.max((Math.ceil(extent / strides[i]!) - 1) * strides[i]! + (k - 1) * dilations[i]! + 1 - extent, 0);
  });
  const less = total.map((t) => Math.floor(t / 2));
  const more = total.map((t) => Math.ceil(t / 2));
  if (auto === "SAME_UPPER") return { kernel, strides, dilations, pads: [...less, ...more] };
  if (auto === "SAME_LOWER") return { kernel, strides, dilations, pads: [...more, ...less] };
  throw call.error("onnx-unsupported-variant", `auto_pad ${quote(auto)} is not known.`);
}

function checkKernel(call: Call, weight: Tensor): readonly number[] {
  const kernel = weight.shape.slice(2);
  const stated = call.ints("kernel_shape");
  if (stated !== undefined && stated.join() !== kernel.join()) {
    throw call.error(
      "shape",
      `kernel_shape [${stated.slice(0, 8)}] is not that of the weight [${weight.shape.join(", ")}].`,
    );
  }
  return kernel;
}

function optionsOf(call: Call, { strides, dilations, pads }: Window): ConvOptions {
  const groups = call.int("group", 1);
  if (!(groups >= 1)) throw call.error("shape", `group ${groups} must be at least 1.`);
  return { strides, dilations, pads, groups };
}

function convolved(call: Call): Tensor {
  const [x, weight, bias] = [call.input(0), call.input(1), call.optional(2)];
  const window = windowOf(call, x, checkKernel(call, weight));
  checkBias(call, bias, weight.shape[0]!);
  return convolution(x, weight, bias, optionsOf(call, window));
}

function checkBias(call: Call, bias: Tensor | undefined, channels: number): void {
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== channels)) {
    throw call.error("shape", `the bias [${bias.shape.join(", ")}] must have ${channels} numbers.`);
  }
}

function convolvedBack(call: Call): Tensor {
  const [x, weight, bias] = [call.input(0), call.input(1), call.optional(2)];
  if (call.has("output_shape") || !["NOTSET", "VALID"].includes(call.string("auto_pad", "NOTSET"))) {
    throw call.error("onnx-unsupported-variant", "the extents must follow from pads and output_padding.");
  }
  const window = windowOf(call, x, checkKernel(call, weight));
  const outputPads = perAxis(call, "output_padding", window.kernel.length, 0, 0);
  const options = optionsOf(call, window);
  checkBias(call, bias, weight.shape[1]! * (options.groups ?? 1));
  return transposedConvolution(x, weight, bias, { ...options, outputPads });
}

/** What `ceil_mode` adds behind every axis, so that the last window is kept as long as it starts inside. */
function ceilPads(call: Call, x: Tensor, { kernel, strides, pads }: Window): number[] {
  const n = kernel.length;
  return kernel.map((k, i) => {
    if (call.int("ceil_mode", 0) === 0) return 0;
    const span = x.shape[i + 2]! + pads[i]! + pads[n + i]! - k;
    let last = Math.ceil(span / strides[i]!);
    if (last * strides[i]! >= x.shape[i + 2]! + pads[i]!) last--;
    return Math.max(last * strides[i]! - span, 0);
  });
}

function poolWindow(call: Call, x: Tensor): Window & { readonly extra: readonly number[] } {
  const n = x.shape.length - 2;
  const window = windowOf(call, x, perAxis(call, "kernel_shape", n, 1, 1));
  if (window.dilations.some((d) => d !== 1)) {
    throw call.error("onnx-unsupported-variant", "dilated windows are not supported.");
  }
  checkSize(call, { ...x, shape: [1, ...window.kernel] });
  const limits = window.kernel.map((k, i) => k > x.shape[i + 2]! + window.pads[i]! + window.pads[n + i]!);
  if (limits.some(Boolean)) throw call.error("shape", "a window is larger than the padded input.");
  return { ...window, extra: ceilPads(call, x, window) };
}

const addEnd = (pads: readonly number[], extra: readonly number[]): number[] =>
  pads.map((value, i) => (i < extra.length ? value : value + extra[i - extra.length]!));

/** The largest elements, and where they are in the flat data. */
function pooledMax(call: Call): Tensor[] {
  const x = call.input(0);
  const { kernel, strides, pads, extra } = poolWindow(call, x);
  if (call.int("storage_order", 0) !== 0) {
    throw call.error("onnx-unsupported-variant", "positions are counted in row-major order only.");
  }
  const pooled = maxPool(x, kernel, { strides, pads: addEnd(pads, extra) });
  return call.outputs.length > 1 ? [pooled, positionsOf(x, pooled)] : [pooled];
}

/** Max pooling reads at the winners' positions, which count within each plane. */
function positionsOf(x: Tensor, pooled: Tensor): Tensor {
  const read = pooled.op.name === "reshape" ? pooled.inputs[0]! : pooled;
  const planes = sizeOf(x.shape.slice(0, 2));
  const first = Float64Array.from({ length: planes }, (_, i) => i * sizeOf(x.shape.slice(2)));
  const winners = reshape(read.inputs[1]!, [planes, sizeOf(pooled.shape.slice(2))]);
  return reshape(toInt(add(toFloat(winners), constant(first, [planes, 1]))), pooled.shape);
}

/** Positions added by `ceil_mode` never count; those of the border do where the node says so. */
function pooledMean(call: Call): Tensor {
  const x = call.input(0);
  const { kernel, strides, pads, extra } = poolWindow(call, x);
  const n = kernel.length;
  const countBorder = call.int("count_include_pad", 0) === 1;
  if (!countBorder || extra.every((value) => value === 0)) {
    return avgPool(x, kernel, { strides, pads: addEnd(pads, extra), countBorder });
  }
  const wide = pad(x, [0, 0, ...pads.slice(0, n)], [0, 0, ...pads.slice(n)]);
  return avgPool(wide, kernel, { strides, pads: [...extra.map(() => 0), ...extra], countBorder: false });
}

/** Convolutions and pooling. */
export const convolutions: readonly OpEntry[] = [
  { name: "Conv", since: 1, translate: convolved },
  { name: "ConvTranspose", since: 1, limits: "explicit pads, no output_shape", translate: convolvedBack },
  { name: "MaxPool", since: 1, limits: "no dilations, positions row-major", translate: pooledMax },
  { name: "AveragePool", since: 7, limits: "no dilations", translate: pooledMean },
];
