import type { Model } from "@recon/core";
import { checkOptions, integer, oneOf } from "@recon/core/options";
import { type ActivationName, activationNames } from "./activation.ts";
import { batchNormStep } from "./batch-norm-step.ts";
import { averageStep, maxStep } from "./pooling-steps.ts";
import { type DataShape, sequential } from "./sequential.ts";
import type { Step } from "./step.ts";
import { activationStep, convStep, flattenStep, linearStep } from "./steps.ts";

export interface ConvNetOptions {
  /** relu unless said. */
  readonly activation?: ActivationName;
  /** Channels of the first convolution; the others have twice and four times as many. 64 unless said. */
  readonly width?: number;
  /** max unless said; average is its smooth twin, for sides that are multiples of 9. */
  readonly pooling?: "max" | "average";
}

const poolings: Readonly<Record<"max" | "average", Step>> = { max: maxStep(3), average: averageStep(3) };

/** Output channels of the convolutions before each pooling, in units of the first one's. */
const blocks: readonly (readonly number[])[] = [
  [1, 2, 2, 4, 4, 4],
  [4, 4],
];

/**
 * Eight 3 × 3 convolutions with bias and padding 1, each with batch normalisation and a ReLU, max pooling by 3 after the sixth and the eighth, and a linear
 * layer: the usual victim of gradient-matching papers.
 *
 * Weights and biases U(±1/√fan-in), batch normalisation with scale 1, shift 0, running mean 0 and running variance 1. 2 904 970 parameters for
 * 3 × 32 × 32 and 10 classes. In train mode the gradients of the convolutions' biases are zero, since batch normalisation takes every shift away.
 *
 * @see J. Geiping, H. Bauermeister, H. Dröge, M. Moeller, "Inverting Gradients", NeurIPS 2020.
 * @throws ReconError `shape` when height or width is below 9, or not a multiple of 9 with average pooling.
 */
export function convNet(options: ConvNetOptions = {}, data: DataShape = { input: [3, 32, 32], classes: 10 }): Model {
  checkOptions("convNet", options, {
    activation: oneOf(activationNames),
    width: integer(1, 1024),
    pooling: oneOf(["max", "average"]),
  });
  const { activation = "relu", width = 64, pooling = "max" } = options;
  const steps = blocks.flatMap((factors) => [
    ...factors.flatMap((factor) => [
      convStep({ out: factor * width, kernel: 3, pad: 1 }),
      batchNormStep(),
      activationStep(activation),
    ]),
    poolings[pooling],
  ]);
  return sequential({
    name: "conv-net",
    options: { activation, width, pooling },
    data,
    steps: [...steps, flattenStep(), linearStep(data.classes)],
  });
}
