import { type Arrays, add, div, dot, maximum, mul, sqrt, type Tensor, type Tensors } from "@recon/engine";
import type { Channel, Defence } from "../../problem.ts";
import { numberOption, refuseOtherOptions } from "../options.ts";
import { mapArrays, squaredNorm } from "./whole-observation.ts";

export interface ClipNormOptions {
  /** C, the largest norm the observation may have. */
  readonly threshold: number;
}

/**
 * Clips the whole observation: y = g · min(1, C / ‖g‖₂), all tensors together. The direction survives.
 *
 * The known part is the same map on a candidate, so that an adaptive attacker compares like with like.
 *
 * @throws ReconError `bad-option` unless C is a positive number.
 */
export function clipNorm(options: ClipNormOptions): Defence {
  refuseOtherOptions("clip-norm", options, ["threshold"]);
  const threshold = numberOption("clip-norm", "threshold", options.threshold, "positive");
  const channel: Channel = {
    apply: (clean: Arrays): Arrays => {
      const factor = Math.min(1, threshold / Math.sqrt(squaredNorm(clean)));
      return mapArrays(clean, (value) => value * factor);
    },
    known: (clean: Tensors): Tensors => {
      const squares = Object.values(clean).map((x) => dot(x, x));
      const total = squares.reduce((sum: Tensor, part) => add(sum, part));
      // min(1, C / ‖g‖) = C / √max(‖g‖², C²): no division by zero, and a finite derivative at g = 0.
      const factor = div(threshold, sqrt(maximum(total, threshold * threshold)));
      return Object.fromEntries(Object.entries(clean).map(([name, x]) => [name, mul(x, factor)]));
    },
    noiseStd: () => 0,
  };
  return { name: "clip-norm", options: { threshold }, channel };
}
