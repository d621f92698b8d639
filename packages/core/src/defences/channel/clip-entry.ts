import {
  type Arrays,
  abs,
  add,
  constant,
  max,
  maximum,
  minimum,
  mul,
  relu,
  reshape,
  sizeOf,
  square,
  sub,
  sum,
  type Tensor,
  type Tensors,
  topKMask,
} from "@recon/engine";
import { ReconError } from "../../errors.ts";
import type { Channel, Defence, Likelihood } from "../../problem.ts";
import { numberOption, refuseOtherOptions, shareOption } from "../options.ts";
import { magnitudes, mapBounds } from "./entry-bounds.ts";
import { largestMagnitude, mapArrays } from "./whole-observation.ts";

/** One of the two. */
export type ClipEntryOptions =
  | {
      /** t, the largest magnitude an entry may have. */
      readonly threshold: number;
    }
  | {
      /** q in (0, 1]: t is the q-quantile of |g| of every tensor; 1 is the identity. */
      readonly quantile: number;
    };

/** Magnitudes this close to the largest count as clipped: t itself is rounded when it is sent. */
const atThreshold = 1 - 2 ** -22;

/**
 * Clamps every entry to [−t, t], with t given or the q-quantile of |g| of every tensor: the ⌊q n⌋-th of n magnitudes, counted from 0.
 *
 * Entries below the threshold are exact; those on it bound the clean value on one side. The likelihood is the squared misfit of the former and the squared
 * shortfall of the latter, in units of a tenth of the threshold; it is not proper.
 *
 * @throws ReconError `bad-option` unless exactly one of `threshold` > 0 and 0 < `quantile` ≤ 1 is given.
 */
export function clipEntry(options: ClipEntryOptions): Defence {
  refuseOtherOptions("clip-entry", options, ["threshold", "quantile"]);
  const { threshold, quantile } = options as { readonly threshold?: number; readonly quantile?: number };
  if ((threshold === undefined) === (quantile === undefined)) {
    throw new ReconError(
      "bad-option",
      'Defence "clip-entry" needs exactly one of the options "threshold" and "quantile".',
    );
  }
  if (threshold !== undefined) {
    const t = numberOption("clip-entry", "threshold", threshold, "positive");
    const channel: Channel = {
      apply: (clean) => mapArrays(clean, (value) => clamp(value, t)),
      known: (clean) => mapTensors(clean, (x) => minimum(maximum(x, -t), t)),
      noiseStd: () => 0,
      likelihood: (observed) => censored(observed, () => t),
      preimage: (output) => mapBounds(output, () => opened(t * atThreshold)),
    };
    return { name: "clip-entry", options: { threshold: t }, channel };
  }
  const q = shareOption("clip-entry", "quantile", quantile);
  if (q === 0)
    throw new ReconError(
      "bad-option",
      'Option "quantile" of defence "clip-entry" must be above 0: at 0 everything would be sent as one magnitude. The defence "sign" does that.',
    );
  return { name: "clip-entry", options: { quantile: q }, channel: q === 1 ? identity : byQuantile(q) };
}

const identity: Channel = {
  apply: (clean) => mapArrays(clean, (value) => value),
  known: (clean) => clean,
  noiseStd: () => 0,
  preimage: (output) => output,
};

function byQuantile(q: number): Channel {
  const above = (size: number): number => size - 1 - Math.min(size - 1, Math.floor(q * size + 1e-9));
  return {
    apply: (clean) =>
      Object.fromEntries(
        Object.entries(clean).map(([name, { shape, data }]) => {
          const sorted = Float64Array.from(data, Math.abs).sort();
          const t = sorted[sorted.length - 1 - above(sorted.length)]!;
          return [name, { shape, data: data.map((value) => clamp(value, t)) }];
        }),
      ),
    known: (clean) =>
      mapTensors(clean, (x) => {
        const size = sizeOf(x.shape);
        const count = above(size);
        if (count === 0) return x;
        const magnitude = reshape(abs(x), [size]);
        const t = max(mul(magnitude, sub(1, topKMask(magnitude, count))));
        return maximum(minimum(x, t), mul(t, -1));
      }),
    noiseStd: () => 0,
    likelihood: (observed) => censored(observed, largestMagnitude),
    // The threshold is at least every magnitude that is seen, so that only entries that may reach the largest of them can have been clipped.
    preimage: (output) =>
      mapBounds(output, (lower, upper) => {
        let least = 0;
        for (let i = 0; i < lower.length; i++) least = Math.max(least, magnitudes(lower[i]!, upper[i]!)[0]);
        return above(lower.length) === 0 ? (low, high) => [low, high] : opened(least * atThreshold);
      }),
  };
}

const clamp = (value: number, t: number): number => Math.max(-t, Math.min(t, value));

const mapTensors = (tensors: Tensors, f: (x: Tensor) => Tensor): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, f(x)]));

/** Bounds that reach ±t are open there. */
const opened =
  (t: number) =>
  (low: number, high: number): readonly [number, number] => [low <= -t ? -Infinity : low, high >= t ? Infinity : high];

function censored(observed: Arrays, thresholdOf: (data: ArrayLike<number>) => number): Likelihood {
  return {
    proper: false,
    negativeLog: (clean, seen) =>
      Object.entries(seen)
        .map(([name, y]): Tensor => {
          const { data } = observed[name]!;
          const t = thresholdOf(data) || 1;
          const sides = Float64Array.from(data, (value) => (Math.abs(value) >= t * atThreshold ? Math.sign(value) : 0));
          const side = constant(sides, y.shape);
          const misfit = sub(clean[name]!, y);
          // On a clipped entry only what is missing to the threshold counts.
          const shortfall = mul(relu(mul(mul(misfit, side), -1)), side);
          const exact = mul(misfit, sub(1, square(side)));
          return mul(sum(square(add(exact, shortfall))), 50 / (t * t));
        })
        .reduce((total, part) => add(total, part)),
  };
}
