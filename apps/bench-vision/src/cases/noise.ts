import type { BenchCase } from "@recon/bench";
import { gaussianNoise } from "@recon/core";
import { invertingGradients, maximumAPosteriori } from "@recon/vision";
import { lenet, photographCase } from "./photograph-case.ts";

const noise = () => [gaussianNoise({ rel_noise: 0.1 })];

/** One photograph behind a gradient with noise: what a likelihood and a prior are worth. */
export const noiseCases: readonly BenchCase[] = [
  photographCase({
    id: "lenet-noise",
    model: lenet,
    attack: () => maximumAPosteriori(),
    defences: noise,
    evaluations: 3000,
    targets: { psnr_gain_db: ">=3" },
  }),
  photographCase({
    id: "lenet-noise/inverting-gradients",
    model: lenet,
    attack: () => invertingGradients(),
    defences: noise,
    evaluations: 3000,
  }),
];
