import { describe, expect, it } from "vitest";
import { renyiGuarantee } from "../bounds/accounting/renyi.ts";
import type { Defence } from "../problem.ts";
import { referenceModel } from "../testing/index.ts";
import { normalisedModel } from "../testing/normalised-model.ts";
import { clipNorm } from "./channel/clip.ts";
import { laplaceNoise } from "./channel/laplace.ts";
import { gaussianNoise } from "./channel/noise.ts";
import { dpSgd } from "./dp-sgd.ts";
import { clipPerSample } from "./operator/clip-per-sample.ts";
import { privacyOf } from "./privacy.ts";

const training = { batch: 10, records: 1000, steps: 100, delta: 1e-5, accountant: renyiGuarantee };
const model = referenceModel();
const reasons = (defences: readonly Defence[]): string => {
  const outcome = privacyOf(defences, model, training);
  return "reasons" in outcome ? outcome.reasons.join(" ") : "none";
};
const epsilon = (defences: readonly Defence[], of = model): number => {
  const outcome = privacyOf(defences, of, training);
  return "epsilon" in outcome ? outcome.epsilon : Number.NaN;
};

describe("privacyOf", () => {
  it("is what the accountant says of DP-SGD", () => {
    const expected = renyiGuarantee({ sampleRate: 0.01, noiseMultiplier: 1, steps: 100 }, 1e-5);
    expect(epsilon([dpSgd({ clip: 0.3, noise_multiplier: 1, batch: 10 })])).toBe(expected.epsilon);
  });

  it("is the same for its parts put together by hand: σ = z S / B on a mean, z S on a sum", () => {
    const whole = epsilon([dpSgd({ clip: 0.3, noise_multiplier: 1, batch: 10 })]);
    const parts = [clipPerSample({ threshold: 0.3 }), gaussianNoise({ std: 0.03 })];
    expect(epsilon(parts)).toBeCloseTo(whole, 10);
    const summed = { ...model, lossReduction: "sum" as const };
    expect(epsilon([clipPerSample({ threshold: 0.3 }), gaussianNoise({ std: 0.3 })], summed)).toBeCloseTo(whole, 10);
  });

  it("costs nothing to work on what is already private", () => {
    const private_ = [clipPerSample({ threshold: 0.3 }), gaussianNoise({ std: 0.03 })];
    expect(epsilon([...private_, clipNorm({ threshold: 1 }), gaussianNoise({ rel_noise: 0.1 })])).toBe(
      epsilon(private_),
    );
  });

  it("says why there is none", () => {
    expect(reasons([])).toMatch(/No noise is added/);
    expect(reasons([gaussianNoise({ std: 0.1 })])).toMatch(/Noise without clipping has no epsilon/);
    expect(reasons([clipNorm({ threshold: 1 }), gaussianNoise({ std: 0.1 })])).toMatch(
      /whole batch's gradient is clipped/,
    );
    expect(reasons([clipPerSample({ threshold: 1 }), gaussianNoise({ rel_noise: 0.1 })])).toMatch(
      /scale of the noise is computed/,
    );
    expect(reasons([clipPerSample({ threshold: 1 }), laplaceNoise({ scale: 1 })])).toMatch(/Laplace noise/);
    expect(reasons([clipPerSample({ threshold: 1 }), gaussianNoise({ std: 0 })])).toMatch(/noise has no scale/);
  });

  it("says when the order voids the guarantee", () => {
    expect(reasons([gaussianNoise({ std: 0.1 }), clipPerSample({ threshold: 1 })])).toMatch(/added before clipping/);
    const between = [clipPerSample({ threshold: 1 }), clipNorm({ threshold: 1 }), gaussianNoise({ std: 0.1 })];
    expect(reasons(between)).toMatch(/between clipping and noise/);
    const silent: Defence = { name: "mine", options: {}, channel: gaussianNoise({ std: 0 }).channel! };
    expect(reasons([clipPerSample({ threshold: 1 }), silent, gaussianNoise({ std: 0.1 })])).toMatch(
      /looks at the data/,
    );
  });

  it("does not cover batch normalisation", () => {
    const outcome = privacyOf([dpSgd({ clip: 1, noise_multiplier: 1, batch: 10 })], normalisedModel(), training);
    expect("reasons" in outcome && outcome.reasons.join(" ")).toMatch(/batch normalisation does that/);
  });
});
