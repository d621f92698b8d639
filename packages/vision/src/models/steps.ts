/** Layers as values: what they do to a shape, which parameters they have, and what they compute. */
import { convolution, linear, reshape, sizeOf } from "@recon/engine";
import { type ActivationName, activationFunctions } from "./activation.ts";
import { misfit, type Step, threeAxes, withoutParameters } from "./step.ts";

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
    const fanIn = channels * kernel * kernel;
    const weight = { shape: [out, channels, kernel, kernel], fanIn };
    return {
      output: [out, ...extents],
      parameters: { weight, ...(bias && { bias: { shape: [out], fanIn } }) },
      apply: (x, state) => convolution(x, state.weight!, bias ? state.bias : undefined, { strides: stride, pads: pad }),
    };
  };
}

/** Fully connected layer, with a bias unless said; several axes are read as one. */
export function linearStep(out: number, bias = true): Step {
  return (input) => {
    const size = sizeOf(input);
    return {
      output: [out],
      parameters: {
        weight: { shape: [out, size], fanIn: size },
        ...(bias && { bias: { shape: [out], fanIn: size } }),
      },
      apply: (x, state) => linear(reshape(x, [x.shape[0]!, size]), state.weight!, bias ? state.bias : undefined),
    };
  };
}

/** An elementwise function. */
export function activationStep(name: ActivationName): Step {
  return (input) => withoutParameters(input, activationFunctions[name]);
}

/** All axes as one. */
export function flattenStep(): Step {
  return (input) => withoutParameters([sizeOf(input)], (x) => reshape(x, [x.shape[0]!, sizeOf(input)]));
}
