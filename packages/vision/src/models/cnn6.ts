import type { Model } from "@recon/core";
import { checkOptions, oneOf } from "@recon/core/options";
import { type ActivationName, activationNames } from "./activation.ts";
import { type DataShape, sequential } from "./sequential.ts";
import { activationStep, type ConvStepOptions, convStep, flattenStep, linearStep } from "./steps.ts";

export interface Cnn6Options {
  /** leakyRelu (slope .2) unless said. */
  readonly activation?: ActivationName;
}

const convolutions: readonly ConvStepOptions[] = [
  { out: 12, kernel: 4, stride: 2, pad: 2 },
  { out: 36, kernel: 3, stride: 2, pad: 1 },
  { out: 36, kernel: 3, pad: 1 },
  { out: 36, kernel: 3, pad: 1 },
  { out: 64, kernel: 3, stride: 2, pad: 1 },
  { out: 128, kernel: 3, pad: 1 },
];

/**
 * Six convolutions without bias, a leaky ReLU (slope .2) after each, and a linear layer with bias: the victim of recursive attacks.
 *
 * Weights U(±1/√fan-in). 154 266 parameters for 3 × 32 × 32 and 10 classes; other sizes and channel counts fit too.
 *
 * @see J. Zhu, M. Blaschko, "R-GAP: Recursive Gradient Attack on Privacy", ICLR 2021.
 */
export function cnn6(options: Cnn6Options = {}, data: DataShape = { input: [3, 32, 32], classes: 10 }): Model {
  checkOptions("cnn6", options, { activation: oneOf(activationNames) });
  const { activation = "leakyRelu" } = options;
  const steps = convolutions.flatMap((step) => [convStep({ ...step, bias: false }), activationStep(activation)]);
  return sequential({
    name: "cnn6",
    options: { activation },
    data,
    steps: [...steps, flattenStep(), linearStep(data.classes)],
  });
}
