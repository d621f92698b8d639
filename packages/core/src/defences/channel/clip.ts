import { type Arrays, add, div, dot, maximum, mul, sqrt, type Tensor, type Tensors } from "@recon/engine";
import type { Channel, Defence, EntryBounds } from "../../problem.ts";
import { numberOption, refuseOtherOptions } from "../options.ts";
import { mapBounds } from "./entry-bounds.ts";
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
    scalesOnly: true,
    preimage: (output) => unclippedBounds(output, threshold),
  };
  return {
    name: "clip-norm",
    options: { threshold },
    channel,
    mechanism: [{ kind: "clip", of: "whole-batch", bound: threshold }],
  };
}

/** An observation shorter than C is as it was; one of length C may have been longer by any factor. */
function unclippedBounds(output: EntryBounds, threshold: number): EntryBounds {
  const longest = Object.entries(output.lower).reduce((total, [name, { data: low }]) => {
    const high = output.upper[name]!.data;
    let square = total;
    for (let i = 0; i < low.length; i++) square += Math.max(Math.abs(low[i]!), Math.abs(high[i]!)) ** 2;
    return square;
  }, 0);
  if (Math.sqrt(longest) < threshold * (1 - 1e-6)) return output;
  return mapBounds(output, () => (low, high) => [low < 0 ? -Infinity : low, high > 0 ? Infinity : high]);
}
