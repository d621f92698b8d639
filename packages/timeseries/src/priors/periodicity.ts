import type { EnergyPrior } from "@recon/core";
import { badOption, checkOptions, integer, real } from "@recon/core/options";
import { abs, mean, mul, slice, sub, type Tensor } from "@recon/engine";
import { middle, seriesExtents } from "./series-extents.ts";

export interface PeriodicityOptions {
  /** P, the steps of one cycle, such as 24 for hourly values. */
  readonly period: number;
  /** Factor of the energy, at least 0; 1 unless said. */
  readonly weight?: number;
}

/**
 * Series that repeat: the mean absolute difference between values one cycle apart,
 *
 *     R(s) = weight · mean over (b, t, f) of |s_t − s_{t+P}|      s [B, T, F], T > P
 *
 * It leaves level and shape of the cycle open; its blind guess is the middle of the range. For the whole curve, give inputs and targets in one piece.
 *
 * @throws ReconError `bad-option`; `shape` from `energy` for series no longer than one cycle.
 * @see C. Meijer et al., "TS-Inverse: A Gradient Inversion Attack Tailored for Federated Time Series Forecasting Models", 2025.
 */
export function periodicity(options: PeriodicityOptions): EnergyPrior {
  checkOptions("periodicity", options, { period: integer(1), weight: real(0) });
  const { period, weight = 1 } = options;
  if (period === undefined) throw badOption("periodicity", "period", period, "the number of steps of one cycle");
  return {
    kind: "energy",
    name: "periodicity",
    options: { period, weight },
    energy: (s: Tensor): Tensor => {
      const [batch, steps, columns] = seriesExtents("periodicity", s.shape, period + 1);
      const pairs = [batch, steps - period, columns];
      return mul(mean(abs(sub(slice(s, [0, 0, 0], pairs), slice(s, [0, period, 0], pairs)))), weight);
    },
    blind: middle,
  };
}
