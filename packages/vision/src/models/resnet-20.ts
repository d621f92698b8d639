import type { Model } from "@recon/core";
import { checkOptions, integer, oneOf } from "@recon/core/options";
import { type ActivationName, activationNames } from "./activation.ts";
import { residualNet } from "./residual-net.ts";
import { type ShortcutName, shortcutNames } from "./residual-step.ts";
import type { DataShape } from "./sequential.ts";

export interface ResNet20Options {
  /** relu unless said. */
  readonly activation?: ActivationName;
  /** Channels of the first stage; the later two have twice and four times as many. 16 unless said. */
  readonly width?: number;
  /** projection unless said. */
  readonly shortcut?: ShortcutName;
}

/**
 * ResNet-20 for small images: 16, 32 and 64 channels, three basic blocks each.
 *
 * Where the shape changes, the shortcut is a 1 × 1 convolution with batch normalisation (option B of the paper): 272 474 parameters for 3 channels and 10
 * classes. `shortcut: "padding"` is option A, which the paper uses for this net: every second pixel, zeros in the new channels, 269 722 parameters.
 * Weights U(±1/√fan-in), batch normalisation with scale 1, shift 0, running mean 0 and running variance 1.
 *
 * @see K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, section 4.2.
 */
export function resNet20(options: ResNet20Options = {}, data: DataShape = { input: [3, 32, 32], classes: 10 }): Model {
  checkOptions("resNet20", options, {
    activation: oneOf(activationNames),
    width: integer(1, 1024),
    shortcut: oneOf(shortcutNames),
  });
  const { activation = "relu", width = 16, shortcut = "projection" } = options;
  return residualNet({
    name: "resnet-20",
    options: { activation, width, shortcut },
    data,
    widths: [1, 2, 4].map((factor) => factor * width),
    blocks: 3,
    activation,
    shortcut,
  });
}
