import { type Arrays, add, mul, square, sub, sum, type Tensor, type Tensors } from "@recon/engine";
import { ReconError } from "../../errors.ts";
import type { Channel, Defence, Likelihood } from "../../problem.ts";
import type { Rng } from "../../random.ts";
import { numberOption, refuseOtherOptions } from "../options.ts";
import { entryCount, mapArrays, squaredNorm } from "./whole-observation.ts";

/** One of the two. 0 is the identity. */
export type GaussianNoiseOptions =
  | {
      /** Standard deviation σ of an entry. */
      readonly std: number;
    }
  | {
      /** σ / rms(g), with the root mean square over all entries of the observation. */
      readonly rel_noise: number;
    };

/**
 * Adds independent Gaussian noise to every entry: y = g + N(0, σ² I).
 *
 * The likelihood is −log p(y | g) = ‖g − y‖² / 2σ² up to a constant. For relative noise the attacker reads σ from y
 * (rms(y)² ≈ rms(g)² + σ²), so that likelihood is an estimate and is marked improper.
 *
 * @throws ReconError `bad-option` unless exactly one of `std` and `rel_noise` is given and is at least 0.
 */
export function gaussianNoise(options: GaussianNoiseOptions): Defence {
  refuseOtherOptions("gaussian-noise", options, ["std", "rel_noise"]);
  const { std, rel_noise: relative } = options as { readonly std?: number; readonly rel_noise?: number };
  if ((std === undefined) === (relative === undefined)) {
    throw new ReconError(
      "bad-option",
      'Defence "gaussian-noise" needs exactly one of the options "std" and "rel_noise".',
    );
  }
  return std !== undefined
    ? absolute(numberOption("gaussian-noise", "std", std, "non-negative"))
    : relativeTo(numberOption("gaussian-noise", "rel_noise", relative, "non-negative"));
}

function absolute(std: number): Defence {
  const likelihood = { likelihood: () => gaussianLikelihood(std, true) };
  const channel: Channel = {
    apply: (clean, rng) => addNoise(clean, std, rng),
    known: (clean) => clean,
    noiseStd: () => std,
    ...(std > 0 ? likelihood : {}),
  };
  return {
    name: "gaussian-noise",
    options: { std },
    channel,
    mechanism: [{ kind: "noise", distribution: "gaussian", scale: { std } }],
  };
}

function relativeTo(relative: number): Defence {
  const estimate = (observed: Arrays): number => (relative * rms(observed)) / Math.sqrt(1 + relative * relative);
  const likelihood = { likelihood: (observed: Arrays) => gaussianLikelihood(estimate(observed), false) };
  const channel: Channel = {
    apply: (clean, rng) => addNoise(clean, relative * rms(clean), rng),
    known: (clean) => clean,
    noiseStd: estimate,
    ...(relative > 0 ? likelihood : {}),
  };
  return {
    name: "gaussian-noise",
    options: { rel_noise: relative },
    channel,
    mechanism: [{ kind: "noise", distribution: "gaussian", scale: { std: Number.NaN }, fromData: true }],
  };
}

function rms(arrays: Arrays): number {
  return Math.sqrt(squaredNorm(arrays) / entryCount(arrays));
}

function addNoise(clean: Arrays, std: number, rng: Rng): Arrays {
  return mapArrays(clean, std === 0 ? (value) => value : (value) => value + std * rng.normal());
}

function gaussianLikelihood(std: number, proper: boolean): Likelihood {
  return {
    proper,
    negativeLog: (clean: Tensors, observed: Tensors): Tensor => {
      // Divided before squaring: σ² may underflow in float32 where σ does not.
      const parts = Object.entries(observed).map(
        ([name, y]): Tensor => sum(square(mul(sub(clean[name]!, y), 1 / std))),
      );
      return mul(
        parts.reduce((total, part) => add(total, part)),
        0.5,
      );
    },
  };
}
