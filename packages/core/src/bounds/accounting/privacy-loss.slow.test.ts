import { expect, test } from "vitest";
import { privacyLossGuarantee } from "./privacy-loss.ts";
import { renyiGuarantee } from "./renyi.ts";

// Losses of one step crowd within 1e-4 of an end of their range and are added 100 000 times: the hardest case for a grid.
test.each([
  [1e-4, 1, 100_000, 0.1],
  [1e-3, 1, 1_000_000, 0.05],
  [0.01, 1, 1000, 1e-4],
])(
  "the enclosure stays narrow at small sample rates: q = %d, s = %d, T = %d",
  (sampleRate, noiseMultiplier, steps, width) => {
    const mechanism = { sampleRate, noiseMultiplier, steps };
    const { epsilon, lowerEpsilon } = privacyLossGuarantee(mechanism, 1e-5);
    expect(lowerEpsilon).toBeLessThan(epsilon);
    expect(epsilon / lowerEpsilon - 1).toBeLessThan(width);
    expect(epsilon).toBeLessThan(renyiGuarantee(mechanism, 1e-5).epsilon);
  },
  120_000,
);
