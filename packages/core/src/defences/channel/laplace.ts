import { abs, add, mul, sub, sum, type Tensor, type Tensors } from "@recon/engine";
import type { Channel, Defence } from "../../problem.ts";
import { numberOption, refuseOtherOptions } from "../options.ts";
import { mapArrays } from "./whole-observation.ts";

export interface LaplaceNoiseOptions {
  /** b, the scale: an entry of the noise has density exp(−|t| / b) / 2b and standard deviation b √2. 0 is the identity. */
  readonly scale: number;
}

/**
 * Adds independent Laplace noise to every entry: y = g + Laplace(b).
 *
 * The likelihood is −log p(y | g) = Σ |y − g| / b up to a constant: under it an attacker matches by the sum of absolute differences, not of squares.
 *
 * @throws ReconError `bad-option` unless the scale is a number of at least 0.
 */
export function laplaceNoise(options: LaplaceNoiseOptions): Defence {
  refuseOtherOptions("laplace-noise", options, ["scale"]);
  const scale = numberOption("laplace-noise", "scale", options.scale, "non-negative");
  const likelihood = (): ReturnType<NonNullable<Channel["likelihood"]>> => ({
    proper: true,
    negativeLog: (clean: Tensors, observed: Tensors): Tensor =>
      Object.entries(observed)
        .map(([name, y]) => sum(abs(mul(sub(clean[name]!, y), 1 / scale))))
        .reduce((total, part) => add(total, part)),
  });
  const channel: Channel = {
    apply: (clean, rng) =>
      mapArrays(
        clean,
        scale === 0
          ? (value) => value
          : (value) => {
              // The difference of two exponentials; 1 − u is never 0.
              return value + scale * (Math.log(1 - rng.uniform()) - Math.log(1 - rng.uniform()));
            },
      ),
    known: (clean) => clean,
    noiseStd: () => scale * Math.SQRT2,
    ...(scale > 0 ? { likelihood } : {}),
  };
  return {
    name: "laplace-noise",
    options: { scale },
    channel,
    mechanism: [{ kind: "noise", distribution: "laplace", scale: { std: scale * Math.SQRT2 } }],
  };
}
