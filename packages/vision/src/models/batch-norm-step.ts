import { ReconError } from "@recon/core";
import { batchNorm, batchNormEval, sizeOf, type Tensor } from "@recon/engine";
import type { Step } from "./step.ts";

/**
 * Batch normalisation of the channels of [C, ...] with a learned scale and shift:
 *
 *     y = weight · (x − μ) / √(σ² + 1e-5) + bias
 *
 * In train mode μ and σ² are mean and biased variance of the channel over the batch and all positions; in eval mode they are the buffers
 * `running_mean` and `running_var`, which start at 0 and 1. Nothing here moves the buffers: what a victim's training made of them is part of its weights.
 *
 * @see S. Ioffe, C. Szegedy, "Batch Normalization", ICML 2015.
 */
export function batchNormStep(): Step {
  return (input) => {
    const shape = [input[0]!];
    return {
      output: input,
      parameters: { weight: { shape, fill: 1 }, bias: { shape, fill: 0 } },
      buffers: { running_mean: { shape, fill: 0 }, running_var: { shape, fill: 1 } },
      apply: (x, { weight, bias, running_mean, running_var }, mode) => {
        const learned = { weight: weight!, bias: bias! };
        if (mode === "eval") return batchNormEval(x, running_mean!, running_var!, learned);
        refuseSingle(x);
        return batchNorm(x, learned);
      },
    };
  };
}

/** One number a channel is its own mean: the layer would give the bias whatever comes in. */
function refuseSingle(x: Tensor): void {
  if (sizeOf(x.shape) > x.shape[1]!) return;
  throw new ReconError(
    "shape",
    `Batch normalisation in train mode has a single number a channel ([${x.shape.join(", ")}]) and so passes nothing on. Take a larger batch, larger images or eval mode.`,
  );
}
