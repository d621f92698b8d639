import { expect, test } from "vitest";
import { rng } from "../../random.ts";
import { successUnderSampling } from "./sampled-success.ts";

// (κ, s, T, q) → γ, from an independent simulation of 200 000 draws that was quoted to three digits.
test.each([
  [0.1, 1, 1, 1, 0.3899],
  [0.1, 4, 16, 1, 0.3867],
  [0.1, 10, 100, 1, 0.3897],
  [0.1, 1, 1000, 0.01, 0.194],
  [0.1, 1, 100, 0.1, 0.468],
  [0.01, 1, 1, 1, 0.0928],
  [0.01, 4, 16, 1, 0.0916],
  [0.01, 10, 100, 1, 0.0921],
  [0.01, 1, 1000, 0.01, 0.0291],
  [0.01, 1, 100, 0.1, 0.148],
])(
  "kappa = %d, s = %d, T = %d, q = %d gives %d",
  (kappa, noiseMultiplier, steps, sampleRate, gamma) => {
    const mechanism = { sampleRate, noiseMultiplier, steps };
    const { value, interval } = successUnderSampling(kappa, mechanism, {
      rng: rng(17),
      draws: steps === 1000 ? 50_000 : 200_000,
      level: 0.998,
      resamples: 1000,
    });
    // The quoted figure has an error of its own, at most that of this simulation.
    const width = (interval[1] - interval[0]) / 2;
    expect(Math.abs(value - gamma)).toBeLessThan(1.5 * width);
    expect(width).toBeLessThan(0.15 * gamma);
  },
  120_000,
);
