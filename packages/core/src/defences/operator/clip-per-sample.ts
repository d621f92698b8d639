import { add, div, dot, maximum, mul, sqrt, type Tensor, type Tensors } from "@recon/engine";
import type { Defence, Model, Operator } from "../../problem.ts";
import { numberOption, refuseOtherOptions } from "../options.ts";
import { perSample, withoutLocalTraining } from "./per-sample.ts";

export interface ClipPerSampleOptions {
  /** S, the largest norm of one sample's gradient. */
  readonly threshold: number;
}

/**
 * Clips the gradient of every sample before they are added: G = red_i g_i min(1, S / ‖g_i‖₂), with the reduction of the model's loss.
 *
 * It bounds what one sample can change, which noise of a fixed size can then hide; by itself it only rescales every sample's share.
 *
 * @throws ReconError `bad-option`; `mixed-samples` where batch normalisation leaves no per-sample gradient.
 * @see Abadi et al., Deep Learning with Differential Privacy, CCS 2016, algorithm 1.
 */
export function clipPerSample(options: ClipPerSampleOptions): Defence {
  refuseOtherOptions("clip-per-sample", options, ["threshold"]);
  const threshold = numberOption("clip-per-sample", "threshold", options.threshold, "positive");
  return {
    name: "clip-per-sample",
    options: { threshold },
    mechanism: [{ kind: "clip", of: "each-record", bound: threshold }],
    operator: (operator: Operator): Operator => ({
      // An update of one sample is shortened as a whole, by a factor that no one tells.
      ...withoutLocalTraining(operator),
      observe: (model, parameters, data) => clippedSum(operator, model, parameters, data, threshold),
    }),
  };
}

function clippedSum(operator: Operator, model: Model, parameters: Tensors, data: Tensors, threshold: number): Tensors {
  const clipped = perSample(operator, model, parameters, data).map((g) => scaledTo(g, threshold));
  const factor = model.lossReduction === "sum" ? 1 : 1 / clipped.length;
  return Object.fromEntries(
    Object.keys(clipped[0]!).map((name) => {
      const total = clipped.map((g): Tensor => g[name]!).reduce((sum, part) => add(sum, part));
      return [name, mul(total, factor)];
    }),
  );
}

/** g · min(1, S / ‖g‖) = g S / √max(‖g‖², S²): no division by zero, and a finite derivative at g = 0. */
function scaledTo(g: Tensors, threshold: number): Tensors {
  const square = Object.values(g)
    .map((x): Tensor => dot(x, x))
    .reduce((sum, part) => add(sum, part));
  const factor = div(threshold, sqrt(maximum(square, threshold * threshold)));
  return Object.fromEntries(Object.entries(g).map(([name, x]) => [name, mul(x, factor)]));
}
