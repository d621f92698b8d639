import type { Model } from "@recon/core";
import { checkOptions, integer, oneOf } from "@recon/core/options";
import { type ActivationName, activationNames } from "./activation.ts";
import { averageStep } from "./pooling-steps.ts";
import { type DataShape, sequential } from "./sequential.ts";
import { activationStep, convStep, flattenStep, linearStep } from "./steps.ts";

export interface Conv7Options {
  /** relu unless said. */
  readonly activation?: ActivationName;
  /** Channels of the first convolution; the others have twice and four times as many. 32 unless said. */
  readonly width?: number;
}

/** Output channels of the convolutions between poolings, in units of the first one's. */
const blocks: readonly (readonly number[])[] = [[1, 2, 2, 4], [4, 4], [4]];

/**
 * Seven 3 × 3 convolutions with bias and padding 1, a ReLU after each, average pooling by 2 after the fourth, sixth and seventh, and a linear layer.
 *
 * Weights and biases U(±1/√fan-in). 593 418 parameters for 3 × 32 × 32 and 10 classes.
 *
 * @throws ReconError `shape` when height or width is not a multiple of 8.
 */
export function conv7(options: Conv7Options = {}, data: DataShape = { input: [3, 32, 32], classes: 10 }): Model {
  checkOptions("conv7", options, { activation: oneOf(activationNames), width: integer(1, 1024) });
  const { activation = "relu", width = 32 } = options;
  const steps = blocks.flatMap((factors) => [
    ...factors.flatMap((factor) => [convStep({ out: factor * width, kernel: 3, pad: 1 }), activationStep(activation)]),
    averageStep(2),
  ]);
  return sequential({
    name: "conv7",
    options: { activation, width },
    data,
    steps: [...steps, flattenStep(), linearStep(data.classes)],
  });
}
