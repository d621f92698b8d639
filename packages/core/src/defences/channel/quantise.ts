import {
  type Arrays,
  abs,
  add,
  div,
  floor,
  greater,
  log,
  max,
  maximum,
  minimum,
  mul,
  select,
  sign,
  softplus,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "@recon/engine";
import { ReconError } from "../../errors.ts";
import type { Channel, Defence, Likelihood } from "../../problem.ts";
import type { Rng } from "../../random.ts";
import { refuseOtherOptions } from "../options.ts";
import { magnitudes, mapBounds } from "./entry-bounds.ts";
import { largestMagnitude } from "./whole-observation.ts";

export interface QuantiseOptions {
  /** Bits an entry, 2 to 32: one is the sign and would leave a single level, 0. */
  readonly bits: number;
  /** `nearest` level unless said, or `stochastic`: up or down, so that the mean is the clean value. */
  readonly rounding?: "nearest" | "stochastic";
}

/** Width of the smoothed walls of the likelihood, relative to a step. */
const smoothing = 0.1;

/**
 * Rounds every entry to one of the levels −L, …, L times a step, L = 2^(bits − 1) − 1, with one step a tensor.
 *
 *     nearest:     step = max|g| / (L + ½);  y = step · sign(g) · min(L, ⌊|g| / step + ½⌋)
 *     stochastic:  step = max|g| / L;        y = step · ⌊g / step + u⌋, u uniform in [0, 1)
 *
 * Under `nearest` every entry bounds the clean one to half a step on either side, the outermost level too, which ends at max|g|; the known part has the
 * derivative of the identity (straight through). Its likelihood has walls there smoothed to a tenth of a step and is not proper. Under `stochastic`,
 * p(y | g) = 1 − |g − y| / step.
 *
 * @throws ReconError `bad-option`.
 * @see D. Alistarh et al., "QSGD: Communication-Efficient SGD via Gradient Quantization and Encoding", NeurIPS 2017, for stochastic levels.
 */
export function quantise(options: QuantiseOptions): Defence {
  refuseOtherOptions("quantise", options, ["bits", "rounding"]);
  const { bits, rounding = "nearest" } = options;
  if (!(Number.isSafeInteger(bits) && bits >= 2 && bits <= 32)) {
    throw new ReconError(
      "bad-option",
      `Option "bits" of defence "quantise" must be a whole number from 2 to 32, not ${String(bits)}: one bit has the single level 0. The defence "sign" sends one bit an entry.`,
    );
  }
  if (rounding !== "nearest" && rounding !== "stochastic") {
    throw new ReconError(
      "bad-option",
      `Option "rounding" of defence "quantise" must be nearest or stochastic, not ${JSON.stringify(rounding)}.`,
    );
  }
  const levels = 2 ** (bits - 1) - 1;
  return {
    name: "quantise",
    options: { bits, rounding },
    channel: rounding === "nearest" ? nearest(levels) : stochastic(levels),
  };
}

function nearest(levels: number): Channel {
  return {
    apply: (clean) =>
      eachTensor(clean, (data) => {
        const step = largestMagnitude(data) / (levels + 0.5);
        return (value) =>
          step > 0 ? step * Math.sign(value) * Math.min(levels, Math.floor(Math.abs(value) / step + 0.5)) : 0;
      }),
    known: (clean) =>
      Object.fromEntries(
        Object.entries(clean).map(([name, x]) => {
          const exact = div(max(abs(x)), levels + 0.5);
          const step = select(greater(exact, 0), exact, 1);
          const level = minimum(floor(add(div(abs(x), step), 0.5)), levels);
          return [name, add(x, stopGradient(sub(mul(mul(sign(x), level), step), x)))];
        }),
      ),
    noiseStd: () => 0,
    likelihood: (observed) => walls(observed, levels),
    preimage: (output) => mapBounds(output, (lower, upper) => widened(lower, upper, 0.5, levels)),
  };
}

function stochastic(levels: number): Channel {
  return {
    apply: (clean, rng: Rng) =>
      eachTensor(clean, (data) => {
        const step = largestMagnitude(data) / levels;
        return (value) => {
          const choice = rng.uniform();
          return step > 0 ? step * Math.max(-levels, Math.min(levels, Math.floor(value / step + choice))) : 0;
        };
      }),
    known: (clean) => clean,
    // The distance to the level below is as good as uniform in a step, and the variance f (1 − f) step² of either choice has mean step² / 6.
    noiseStd: (observed) => {
      let [total, count] = [0, 0];
      for (const { data } of Object.values(observed)) {
        total += (data.length * (largestMagnitude(data) / levels) ** 2) / 6;
        count += data.length;
      }
      return Math.sqrt(total / count);
    },
    likelihood: (observed) => triangle(observed, levels),
    preimage: (output) => mapBounds(output, (lower, upper) => widened(lower, upper, 1, levels)),
  };
}

function eachTensor(arrays: Arrays, mapOf: (data: ArrayLike<number>) => (value: number) => number): Arrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, { shape, data: data.map(mapOf(data)) }]),
  );
}

/** Bounds wider by a share of a step, which is read off the outermost level, or bounded where that is not known exactly. */
function widened(
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
  share: number,
  levels: number,
): (low: number, high: number) => readonly [number, number] {
  let outermost = 0;
  for (let i = 0; i < lower.length; i++) outermost = Math.max(outermost, magnitudes(lower[i]!, upper[i]!)[1]);
  const reach = (share * outermost) / levels;
  return (low, high) => [low - reach, high + reach];
}

function stepsOf(observed: Arrays, levels: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(observed).map(([name, { data }]) => [name, largestMagnitude(data) / levels || 1]),
  );
}

/** Σ log(1 + e^((|g − y| − step / 2) / s)) over both walls: −log of the chance that logistic noise of scale s brings g into the interval. */
function walls(observed: Arrays, levels: number): Likelihood {
  const steps = stepsOf(observed, levels);
  return {
    proper: false,
    negativeLog: (clean, seen) =>
      Object.entries(seen)
        .map(([name, y]): Tensor => {
          const scaled = mul(sub(clean[name]!, y), 1 / (smoothing * steps[name]!));
          const wall = 0.5 / smoothing;
          return sum(add(softplus(sub(scaled, wall)), softplus(sub(mul(scaled, -1), wall))));
        })
        .reduce((total, part) => add(total, part)),
  };
}

function triangle(observed: Arrays, levels: number): Likelihood {
  const steps = stepsOf(observed, levels);
  return {
    proper: true,
    negativeLog: (clean, seen) =>
      Object.entries(seen)
        .map(([name, y]): Tensor => {
          const share = sub(1, mul(abs(sub(clean[name]!, y)), 1 / steps[name]!));
          return sum(mul(log(maximum(share, impossible)), -1));
        })
        .reduce((total, part) => add(total, part)),
  };
}

/** In place of the logarithm of zero, so that a candidate beyond a step can still be told from one far beyond. */
const impossible = 1e-30;
