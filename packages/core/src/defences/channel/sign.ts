import {
  type Arrays,
  abs,
  add,
  mean,
  mul,
  sign as signOf,
  softplus,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "@recon/engine";
import type { Channel, Defence, EntryBounds, Likelihood } from "../../problem.ts";
import { refuseOtherOptions } from "../options.ts";
import { mapBounds } from "./entry-bounds.ts";
import { largestMagnitude } from "./whole-observation.ts";

/** Width of the smoothed step of the likelihood, relative to the scale. */
const smoothing = 0.1;

/**
 * Sends the signs and one scale a tensor: y = sign(g) · mean |g|, with sign(0) = 0.
 *
 * Every entry bounds the clean one by zero on one side, and the magnitude shows the mean of |g|; a tensor of zeros stays one. The known part has the
 * derivative of the identity (straight through), since its own is zero. The likelihood is Σ log(1 + exp(−g y / s)) with s proportional to y², a smoothed
 * step, and is not proper.
 *
 * @see J. Bernstein et al., "signSGD: Compressed Optimisation for Non-Convex Problems", ICML 2018; S. P. Karimireddy et al., "Error Feedback Fixes
 * SignSGD and other Gradient Compression Schemes", ICML 2019, for the scale; Y. Bengio et al., arXiv 1308.3432, for the derivative.
 */
export function sign(options: object = {}): Defence {
  refuseOtherOptions("sign", options, []);
  const channel: Channel = {
    apply: (clean) =>
      Object.fromEntries(
        Object.entries(clean).map(([name, { shape, data }]) => {
          const scale = meanMagnitude(data);
          return [name, { shape, data: data.map((value) => Math.sign(value) * scale) }];
        }),
      ),
    known: (clean) =>
      Object.fromEntries(
        Object.entries(clean).map(([name, x]) => {
          const seen = mul(signOf(x), mean(abs(x)));
          return [name, add(x, stopGradient(sub(seen, x)))];
        }),
      ),
    noiseStd: () => 0,
    likelihood: stepLikelihood,
    preimage: signBounds,
  };
  return { name: "sign", options: {}, channel };
}

/** The side of zero, and the mean magnitude where the signs came through unchanged. */
function signBounds(output: EntryBounds): EntryBounds {
  const bounds = mapBounds(output, () => (low, high) => {
    const zero = low === 0 && high === 0;
    return [low > 0 || zero ? 0 : -Infinity, high < 0 || zero ? 0 : Infinity];
  });
  const asSent = Object.entries(output.lower).every(([name, { data }]) =>
    data.every((value, i) => value === output.upper[name]!.data[i]),
  );
  if (!asSent) return bounds;
  const scales = Object.entries(output.lower).map(([name, { data }]) => [name, largestMagnitude(data)] as const);
  return { ...bounds, meanMagnitude: Object.fromEntries(scales) };
}

function meanMagnitude(data: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < data.length; i++) total += Math.abs(data[i]!);
  return total / data.length;
}

function stepLikelihood(observed: Arrays): Likelihood {
  const scales = Object.fromEntries(Object.entries(observed).map(([name, { data }]) => [name, largestMagnitude(data)]));
  return {
    proper: false,
    negativeLog: (clean, seen) =>
      Object.entries(seen)
        .map(([name, y]): Tensor => {
          const scale = scales[name]! > 0 ? scales[name]! : 1;
          return sum(softplus(mul(mul(clean[name]!, y), -1 / (smoothing * scale * scale))));
        })
        .reduce((total, part) => add(total, part)),
  };
}
