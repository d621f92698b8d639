import type { Model } from "@recon/core";
import { checkOptions, integer, oneOf } from "@recon/core/options";
import { type ActivationName, activationNames } from "./activation.ts";
import { type DataShape, sequential } from "./sequential.ts";
import { activationStep, convStep, flattenStep, linearStep } from "./steps.ts";

export interface LeNetZhuOptions {
  /** sigmoid unless said. */
  readonly activation?: ActivationName;
  /** Channels of every convolution; 12 unless said. */
  readonly width?: number;
  /** Initial weights and biases: `wide`, U(−.5, .5), unless said, which leaks much and trains badly; `usual`, U(±1/√fan-in), which trains. */
  readonly start?: "wide" | "usual";
}

/**
 * The small convolutional net of "Deep Leakage from Gradients": three 5 × 5 convolutions to 12 channels with strides 2, 2, 1 and padding 2, a
 * sigmoid after each, then a linear layer.
 *
 * All weights and biases U(−.5, .5), as its authors do, unless said. 15 826 parameters for 3 × 32 × 32 and 10 classes; other sizes and channel counts fit too.
 *
 * @see L. Zhu, Z. Liu, S. Han, "Deep Leakage from Gradients", NeurIPS 2019.
 */
export function leNetZhu(options: LeNetZhuOptions = {}, data: DataShape = { input: [3, 32, 32], classes: 10 }): Model {
  checkOptions("leNetZhu", options, {
    activation: oneOf(activationNames),
    width: integer(1, 1024),
    start: oneOf(["wide", "usual"]),
  });
  const { activation = "sigmoid", width = 12, start = "wide" } = options;
  const steps = [2, 2, 1].flatMap((stride) => [
    convStep({ out: width, kernel: 5, stride, pad: 2 }),
    activationStep(activation),
  ]);
  return sequential({
    name: "lenet-zhu",
    options: { activation, width, ...(start === "usual" && { start }) },
    data,
    steps: [...steps, flattenStep(), linearStep(data.classes)],
    ...(start === "wide" && { bound: () => 0.5 }),
  });
}
