import type { EnergyPrior } from "@recon/core";
import { checkOptions, positive, real } from "@recon/core/options";
import { mul, slice, square, sub, sum, type Tensor } from "@recon/engine";
import { middle, seriesExtents } from "./series-extents.ts";

export interface SmoothnessOptions {
  /** Standard deviation of the change from one step to the next; .05 unless said. */
  readonly std?: number;
  /** Factor of the energy, at least 0; 1 unless said, which counts in nats. */
  readonly weight?: number;
}

/**
 * Series that move little from step to step, as a random walk with normal increments does:
 *
 *     R(s) = weight · Σ over (b, t, f) of ½ ((s_{t+1} − s_t) / std)²      s [B, T, F], T ≥ 2
 *
 * For loads and temperatures. It misleads on spiky or weekly series, whose steps are as large as their cycle. It leaves the level open; its blind guess is the middle of
 * the range.
 *
 * @throws ReconError `bad-option`; `shape` from `energy` for series of one step.
 */
export function smoothness(options: SmoothnessOptions = {}): EnergyPrior {
  checkOptions("smoothness", options, { std: positive(), weight: real(0) });
  const { std = 0.05, weight = 1 } = options;
  return {
    kind: "energy",
    name: "smoothness",
    options: { std, weight },
    energy: (s: Tensor): Tensor => {
      const [batch, steps, columns] = seriesExtents("smoothness", s.shape, 2);
      const pairs = [batch, steps - 1, columns];
      const increments = sub(slice(s, [0, 1, 0], pairs), slice(s, [0, 0, 0], pairs));
      return mul(sum(square(mul(increments, 1 / std))), weight / 2);
    },
    blind: middle,
  };
}
