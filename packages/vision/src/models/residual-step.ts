import { add, pad, type Shape, stridedSlice, type Tensor } from "@recon/engine";
import { type ActivationName, activationFunctions } from "./activation.ts";
import { batchNormStep } from "./batch-norm-step.ts";
import { chainStep } from "./chain-step.ts";
import { misfit, type Step, threeAxes, withoutParameters } from "./step.ts";
import { activationStep, convStep } from "./steps.ts";

/** activation(body(x) + shortcut(x)); the names of body and shortcut stay as they are and must differ. */
export function residualStep(body: Step, shortcut: Step, activation: ActivationName): Step {
  return (input) => {
    const [main, side] = [body(input), shortcut(input)];
    if (main.output.join() !== side.output.join()) {
      throw misfit(`its body gives [${main.output.join(", ")}] and its shortcut [${side.output.join(", ")}]`);
    }
    return {
      output: main.output,
      parameters: { ...main.parameters, ...side.parameters },
      buffers: { ...main.buffers, ...side.buffers },
      apply: (x, state, mode) =>
        activationFunctions[activation](add(main.apply(x, state, mode), side.apply(x, state, mode))),
    };
  };
}

/**
 * How a shortcut gets to other shapes than its input's: `projection` by a 1 × 1 convolution with batch normalisation (He et al., option B);
 * `padding` by every second row and column and channels of zeros, as many before as after (option A), without parameters.
 */
export type ShortcutName = "projection" | "padding";

export interface BasicBlockOptions {
  readonly out: number;
  readonly stride: number;
  readonly activation: ActivationName;
  readonly shortcut: ShortcutName;
}

/**
 * Two 3 × 3 convolutions without bias, each with batch normalisation, around which the input is added.
 *
 * @see K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, fig. 2 and section 3.3.
 */
export function basicBlockStep({ out, stride, activation, shortcut }: BasicBlockOptions): Step {
  const body = chainStep([
    ["conv1", convStep({ out, kernel: 3, stride, pad: 1, bias: false })],
    ["bn1", batchNormStep()],
    ["relu", activationStep(activation)],
    ["conv2", convStep({ out, kernel: 3, pad: 1, bias: false })],
    ["bn2", batchNormStep()],
  ]);
  const reshaping = shortcuts[shortcut](out, stride);
  const same: Step = (input) => withoutParameters(input, (x) => x);
  return residualStep(body, (input) => (stride === 1 && input[0] === out ? same : reshaping)(input), activation);
}

const shortcuts: Readonly<Record<ShortcutName, (out: number, stride: number) => Step>> = {
  projection: (out, stride) =>
    chainStep([
      ["downsample.0", convStep({ out, kernel: 1, stride, pad: 0, bias: false })],
      ["downsample.1", batchNormStep()],
    ]),
  padding: (out, stride) => (input) => {
    const [channels, height, width] = threeAxes(input);
    if (channels > out) throw misfit(`a shortcut with padding cannot go from ${channels} channels to ${out}`);
    const output = [out, Math.ceil(height / stride), Math.ceil(width / stride)];
    return withoutParameters(output, (x) => padded(x, output, stride));
  },
};

/** Their names, for checks of options. */
export const shortcutNames: readonly ShortcutName[] = Object.keys(shortcuts) as ShortcutName[];

function padded(x: Tensor, [out, height, width]: Shape, stride: number): Tensor {
  const [batch, channels] = x.shape as [number, number];
  const thinned = stridedSlice(x, [0, 0, 0, 0], [batch, channels, height!, width!], [1, 1, stride, stride]);
  const before = Math.floor((out! - channels) / 2);
  return pad(thinned, [0, before, 0, 0], [0, out! - channels - before, 0, 0]);
}
