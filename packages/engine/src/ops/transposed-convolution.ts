import { EngineError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { add } from "./arithmetic.ts";
import { type ConvOptions, convGeometry, convInputGradient } from "./conv.ts";
import { reshape } from "./shape.ts";

/** Geometry of the convolution whose adjoint is meant. */
export interface TransposedConvolutionOptions extends ConvOptions {
  /** Additional extent at the end of every spatial axis, below the stride; chooses among the inputs that the strided convolution maps to x's shape. */
  readonly outputPads?: number | readonly number[];
}

/**
 * Transposed convolution layer: the adjoint of `conv` in its input, plus b along the channel axis.
 *
 * x [B, C, ...], w [C, O / groups, ...], result [B, O, ...] with extents (extent − 1) · stride + dilation · (kernel − 1) + 1 − pads + outputPad.
 *
 * @throws EngineError `shape` when channels, groups or extents do not fit.
 */
export function transposedConvolution(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  { outputPads = 0, ...options }: TransposedConvolutionOptions = {},
): Tensor {
  const n = x.shape.length - 2;
  const geometry = convGeometry(options, n);
  const { strides, pads, dilations, groups } = geometry;
  const extra = typeof outputPads === "number" ? new Array<number>(n).fill(outputPads) : outputPads;
  const extents = x.shape
    .slice(2)
    .map(
      (extent, i) =>
        (extent - 1) * strides[i]! +
        dilations[i]! * (weight.shape[i + 2]! - 1) +
        1 -
        pads[i]! -
        pads[n + i]! +
        extra[i]!,
    );
  const listed = `input [${x.shape.join(", ")}], kernel [${weight.shape.join(", ")}], groups ${groups}, outputPads [${extra}]`;
  const channels = weight.shape.length === n + 2 && x.shape[1] === weight.shape[0] && weight.shape[0]! % groups === 0;
  const fits =
    extra.length === n && extra.every((pad, i) => pad >= 0 && pad < strides[i]!) && extents.every((e) => e >= 1);
  if (n < 1 || !channels || !fits)
    throw new EngineError("shape", `transposedConvolution: these do not fit: ${listed}.`);
  const outputs = weight.shape[1]! * groups;
  const product = convInputGradient(x, weight, [x.shape[0]!, outputs, ...extents], geometry);
  return bias === undefined ? product : add(product, reshape(bias, [1, outputs, ...extents.map(() => 1)]));
}
