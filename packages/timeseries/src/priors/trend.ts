import type { EnergyPrior } from "@recon/core";
import { checkOptions, flag, real } from "@recon/core/options";
import { abs, constant, matmul, mean, mul, stopGradient, sub, type Tensor } from "@recon/engine";
import { middle, seriesExtents } from "./series-extents.ts";

export interface TrendOptions {
  /** Factor of the energy, at least 0; 1 unless said. */
  readonly weight?: number;
  /** Whether the gradient follows the line as it moves with the series; false unless said, as in the paper: then every value is drawn to the line where it is. */
  readonly moving_line?: boolean;
}

/**
 * Series near a straight line: the mean absolute distance to the series' own least-squares line,
 *
 *     R(s) = weight · mean over (b, t, f) of |s_t − ℓ_t(s)|      ℓ(s) = P s,  s [B, T, F]
 *
 * with P the projection on constants and time. Its blind guess is the middle of the range.
 *
 * @throws ReconError `bad-option`; `shape` from `energy` for series of one step.
 * @see C. Meijer et al., "TS-Inverse: A Gradient Inversion Attack Tailored for Federated Time Series Forecasting Models", 2025.
 */
export function trend(options: TrendOptions = {}): EnergyPrior {
  checkOptions("trend", options, { weight: real(0), moving_line: flag() });
  const { weight = 1, moving_line: moving = false } = options;
  return {
    kind: "energy",
    name: "trend",
    options: { weight, moving_line: moving },
    energy: (s: Tensor): Tensor => {
      const [, steps] = seriesExtents("trend", s.shape, 2);
      const line = matmul(constant(lineProjection(steps), [steps, steps]), s);
      return mul(mean(abs(sub(s, moving ? line : stopGradient(line)))), weight);
    },
    blind: middle,
  };
}

/** P [T, T]: P_{tu} = 1/T + (t − t̄)(u − t̄) / Σ (v − t̄)². */
function lineProjection(steps: number): Float64Array {
  const centre = (steps - 1) / 2;
  const spread = (steps * (steps * steps - 1)) / 12;
  return Float64Array.from({ length: steps * steps }, (_, flat) => {
    const [t, u] = [Math.floor(flat / steps), flat % steps];
    return 1 / steps + ((t - centre) * (u - centre)) / spread;
  });
}
