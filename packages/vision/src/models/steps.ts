/** The layers of the models here, as values: what they do to a shape, which parameters they have, and what they compute. */
import { ReconError, type Spec } from "@recon/core";
import { avgPool, convolution, linear, reshape, type Shape, sizeOf, type Tensor, type Tensors } from "@recon/engine";
import { type ActivationName, activationFunctions } from "./activation.ts";

/** A layer fitted to the shape of its input; shapes are without the batch axis. */
export interface FittedStep {
  readonly output: Shape;
  readonly parameters: Readonly<Record<string, Spec>>;
  /** Inputs that feed one output; bounds the initial weights. */
  readonly fanIn: number;
  apply(x: Tensor, parameters: Tensors): Tensor;
}

/** A layer before its input is known. @throws ReconError `shape` when it does not fit, in a sentence without a subject. */
export type Step = (input: Shape) => FittedStep;

export interface ConvStepOptions {
  readonly out: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly pad: number;
  readonly bias?: boolean;
}

/** Convolution of [C, H, W] with a square kernel. */
export function convStep({ out, kernel, stride = 1, pad, bias = true }: ConvStepOptions): Step {
  return (input) => {
    const [channels, height, width] = threeAxes(input);
    const extents = [height, width].map((extent) => Math.floor((extent + 2 * pad - kernel) / stride) + 1);
    if (extents.some((extent) => extent < 1)) {
      throw misfit(`a convolution with kernel ${kernel} and padding ${pad} does not fit into ${height} × ${width}`);
    }
    return {
      output: [out, ...extents],
      parameters: { weight: { shape: [out, channels, kernel, kernel] }, ...(bias && { bias: { shape: [out] } }) },
      fanIn: channels * kernel * kernel,
      apply: (x, { weight, bias: b }) => convolution(x, weight!, b, { strides: stride, pads: pad }),
    };
  };
}

/** Fully connected layer with bias; several axes are read as one. */
export function linearStep(out: number): Step {
  return (input) => {
    const size = sizeOf(input);
    return {
      output: [out],
      parameters: { weight: { shape: [out, size] }, bias: { shape: [out] } },
      fanIn: size,
      apply: (x, { weight, bias }) => linear(reshape(x, [x.shape[0]!, size]), weight!, bias),
    };
  };
}

/** An elementwise function. */
export function activationStep(name: ActivationName): Step {
  return (input) => withoutParameters(input, activationFunctions[name]);
}

/** Mean over windows of size × size of [C, H, W]. */
export function averageStep(size: number): Step {
  return (input) => {
    const [channels, height, width] = threeAxes(input);
    if (height % size !== 0 || width % size !== 0) {
      throw misfit(`average pooling by ${size} needs sides that are multiples of ${size}, not ${height} × ${width}`);
    }
    return withoutParameters([channels, height / size, width / size], (x) => avgPool(x, size));
  };
}

/** All axes as one. */
export function flattenStep(): Step {
  return (input) => withoutParameters([sizeOf(input)], (x) => reshape(x, [x.shape[0]!, sizeOf(input)]));
}

const withoutParameters = (output: Shape, apply: (x: Tensor) => Tensor): FittedStep => ({
  output,
  parameters: {},
  fanIn: 0,
  apply,
});

function threeAxes(input: Shape): readonly [number, number, number] {
  if (input.length !== 3) throw misfit(`it needs images [channels, height, width], not [${input.join(", ")}]`);
  return input as readonly [number, number, number];
}

const misfit = (reason: string): ReconError => new ReconError("shape", reason);
