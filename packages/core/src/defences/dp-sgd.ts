import type { Defence } from "../problem.ts";
import { gaussianNoise } from "./channel/noise.ts";
import { clipPerSample } from "./operator/clip-per-sample.ts";
import { numberOption, refuseOtherOptions } from "./options.ts";

export interface DpSgdOptions {
  /** S, the largest norm of one sample's gradient. */
  readonly clip: number;
  /** z, the standard deviation of the noise on the sum of clipped gradients, in units of S. */
  readonly noise_multiplier: number;
  /** The batch size that the sum is divided by; 1 for a loss that is summed. */
  readonly batch: number;
}

/**
 * Differentially private stochastic gradient descent: y = (Σ_i g_i min(1, S / ‖g_i‖) + N(0, z² S² I)) / B.
 *
 * One step is (ε, δ)-private for the add-or-remove adjacency as far as an accountant says, for Poisson sampling and without anything data-dependent beside it.
 *
 * @throws ReconError `bad-option`; `mixed-samples` under batch normalisation.
 * @see Abadi et al., Deep Learning with Differential Privacy, CCS 2016, algorithm 1.
 */
export function dpSgd(options: DpSgdOptions): Defence {
  refuseOtherOptions("dp-sgd", options, ["clip", "noise_multiplier", "batch"]);
  const clip = numberOption("dp-sgd", "clip", options.clip, "positive");
  const multiplier = numberOption("dp-sgd", "noise_multiplier", options.noise_multiplier, "non-negative");
  const batch = numberOption("dp-sgd", "batch", options.batch, "positive");
  const clipped = clipPerSample({ threshold: clip });
  const noise = gaussianNoise({ std: (multiplier * clip) / batch });
  return {
    name: "dp-sgd",
    options: { clip, noise_multiplier: multiplier, batch },
    operator: clipped.operator!,
    channel: noise.channel!,
    mechanism: [...clipped.mechanism!, { kind: "noise", distribution: "gaussian", scale: { multiplier } }],
  };
}
