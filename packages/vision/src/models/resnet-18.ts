import type { Model } from "@recon/core";
import { checkOptions, integer, oneOf } from "@recon/core/options";
import { type ActivationName, activationNames } from "./activation.ts";
import { residualNet } from "./residual-net.ts";
import type { DataShape } from "./sequential.ts";

export interface ResNet18Options {
  /** relu unless said. */
  readonly activation?: ActivationName;
  /** Channels of the first stage; each later one has twice as many. 64 unless said. */
  readonly width?: number;
}

/**
 * ResNet-18 in its form for small images: 64, 128, 256 and 512 channels, two basic blocks each, a 3 × 3 first convolution with stride 1 and no max pooling.
 *
 * Weights U(±1/√fan-in), batch normalisation with scale 1, shift 0, running mean 0 and running variance 1. 11 173 962 parameters for 3 channels and 10
 * classes, whatever the size.
 *
 * @see K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016.
 */
export function resNet18(options: ResNet18Options = {}, data: DataShape = { input: [3, 32, 32], classes: 10 }): Model {
  checkOptions("resNet18", options, { activation: oneOf(activationNames), width: integer(1, 1024) });
  const { activation = "relu", width = 64 } = options;
  return residualNet({
    name: "resnet-18",
    options: { activation, width },
    data,
    widths: [1, 2, 4, 8].map((factor) => factor * width),
    blocks: 2,
    activation,
    shortcut: "projection",
  });
}
