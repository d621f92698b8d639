import { describe, expect, test } from "vitest";
import { requireCoverage, type TrainingFacts, uncoveredReasons } from "./coverage.ts";
import {
  gaussianDelta,
  gaussianEpsilon,
  gaussianGuarantee,
  gaussianMu,
  limitApproximation,
  limitMu,
} from "./gaussian.ts";
import { noiseMultiplierFor } from "./noise-multiplier.ts";
import { composeRenyi, renyiCurve, renyiGuarantee, renyiOfStep, renyiToEpsilon } from "./renyi.ts";

describe("Rényi accountant", () => {
  test.each([
    [1, 1, 1, 4.7527, 5],
    [1, 10, 100, 4.7527, 5],
    [0.01, 1, 1000, 2.1078, 8],
    [0.01, 1.1, 10000, 5.6543, 5],
    [0.02, 4, 1000, 0.6372, 26],
    [0.1, 1, 100, 7.9729, 3],
  ])("q = %d, s = %d, T = %d gives epsilon %d at order %d", (sampleRate, noiseMultiplier, steps, epsilon, order) => {
    const mechanism = { sampleRate, noiseMultiplier, steps };
    expect(renyiToEpsilon(renyiCurve(mechanism), 1e-5).order).toBe(order);
    const found = renyiGuarantee(mechanism, 1e-5);
    expect(Math.abs(found.epsilon - epsilon)).toBeLessThan(1e-4);
    expect(found).toMatchObject({
      kind: "upper",
      value: found.epsilon,
      neighbours: "add-or-remove",
      sampling: sampleRate < 1 ? "poisson" : "every-record",
    });
  });

  test("one step at q = .01, s = 1", () => {
    expect(renyiOfStep(0.01, 1, 2)).toBeCloseTo(1.718134e-4, 9);
    expect(renyiOfStep(0.01, 1, 8)).toBeCloseTo(8.936439e-4, 9);
    // Order 2 in closed form: log(1 + q² (e^{1/s²} − 1)).
    expect(renyiOfStep(0.3, 0.8, 2)).toBeCloseTo(Math.log1p(0.09 * Math.expm1(1 / 0.64)), 13);
  });

  test("adds mechanisms up", () => {
    const mechanism = { sampleRate: 0.02, noiseMultiplier: 1.3, steps: 40 };
    const [twice, eighty] = [composeRenyi([renyiCurve(mechanism), renyiCurve(mechanism)]), { ...mechanism, steps: 80 }];
    expect(renyiToEpsilon(twice, 1e-6).epsilon).toBeCloseTo(renyiGuarantee(eighty, 1e-6).epsilon, 12);
    expect(() => composeRenyi([])).toThrow(/at least one curve/);
    expect(() => composeRenyi([twice, renyiCurve(mechanism, [2, 3])])).toThrow(/same orders/);
  });
});

describe("Gaussian differential privacy", () => {
  test.each([
    [0.5, 0.5, 5.244032e-2],
    [0.5, 1, 6.829595e-3],
    [1, 1, 0.1269367],
    [1, 2, 2.092364e-2],
    [1, 4, 4.712241e-5],
    [2, 2, 0.331898],
  ])("mu = %d, epsilon = %d gives delta %d", (mu, epsilon, delta) => {
    expect(Math.abs(gaussianDelta(mu, epsilon) / delta - 1)).toBeLessThan(3e-7);
  });

  test.each([
    [0.1, 0.3407],
    [0.5, 1.9931],
    [1, 4.3772],
    [2, 9.9973],
    [5, 33.1037],
  ])("mu = %d gives epsilon %d at delta 1e-5", (mu, epsilon) => {
    expect(Math.abs(gaussianEpsilon(mu, 1e-5) - epsilon)).toBeLessThan(6e-5);
    expect(gaussianDelta(mu, gaussianEpsilon(mu, 1e-5))).toBeCloseTo(1e-5, 15);
  });

  test("is below Rényi divergence, which is not tight, and 0 where delta alone suffices", () => {
    const mechanism = { sampleRate: 1, noiseMultiplier: 10, steps: 100 };
    expect(gaussianMu(10, 100)).toBe(1);
    expect(gaussianGuarantee(mechanism, 1e-5).epsilon).toBeLessThan(renyiGuarantee(mechanism, 1e-5).epsilon);
    expect(gaussianEpsilon(0.01, 0.1)).toBe(0);
  });

  test("the central limit theorem is marked an approximation", () => {
    expect(limitMu({ sampleRate: 0.1, noiseMultiplier: 1, steps: 100 })).toBeCloseTo(1.3108, 4);
    expect(limitMu({ sampleRate: 0.01, noiseMultiplier: 1, steps: 1000 })).toBeCloseTo(0.4145, 4);
    expect(limitApproximation({ sampleRate: 0.1, noiseMultiplier: 1, steps: 100 }, 1e-5).kind).toBe("approximation");
  });
});

describe("noise for a wanted epsilon", () => {
  test.each([1, 1000])("epsilon %d is reached and not overshot", (epsilon) => {
    const goal = { epsilon, delta: 1e-5, sampleRate: 0.02, steps: 300 };
    const { noiseMultiplier, guarantee } = noiseMultiplierFor(goal);
    expect(guarantee.epsilon).toBeLessThanOrEqual(epsilon);
    const less = { sampleRate: 0.02, steps: 300, noiseMultiplier: noiseMultiplier * 0.9999 };
    expect(renyiGuarantee(less, 1e-5).epsilon).toBeGreaterThan(epsilon);
  });

  test("inverts another accountant", () => {
    const goal = { epsilon: 4.3772, delta: 1e-5, sampleRate: 1, steps: 100 };
    expect(noiseMultiplierFor(goal, gaussianGuarantee).noiseMultiplier).toBeCloseTo(10, 3);
  });

  test("says when no noise reaches it", () => {
    expect(() => noiseMultiplierFor({ epsilon: 0.001, delta: 1e-5, sampleRate: 0.01, steps: 10 })).toThrow(
      expect.objectContaining({ code: "epsilon-not-reachable", message: expect.stringMatching(/No noise reaches/) }),
    );
  });
});

describe("bad input", () => {
  const mechanism = { sampleRate: 0.1, noiseMultiplier: 1, steps: 10 };
  test.each([
    [{ ...mechanism, noiseMultiplier: 0 }, 1e-5, "no-noise", /neither a privacy guarantee/],
    [{ ...mechanism, noiseMultiplier: Number.NaN }, 1e-5, "no-noise", /NaN/],
    [{ ...mechanism, sampleRate: 0 }, 1e-5, "bad-option", /sample rate must lie above 0/],
    [{ ...mechanism, steps: 1.5 }, 1e-5, "bad-option", /number of steps must be a whole number/],
    [mechanism, 0, "bad-option", /delta must lie strictly between 0 and 1/],
    [mechanism, 1, "bad-option", /delta must lie strictly between 0 and 1/],
  ])("%o, delta %d", (bad, delta, code, message) => {
    expect(() => renyiGuarantee(bad, delta)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  test("Gaussian differential privacy refuses sampling", () => {
    expect(() => gaussianGuarantee(mechanism, 1e-5)).toThrow(/exact only where every record takes part/);
  });
});

describe("what an accountant covers", () => {
  const good: TrainingFacts = {
    clipping: "each-record",
    clipBound: 1,
    noise: "gaussian",
    noiseMultiplier: 1,
    mixesRecords: false,
    sampling: "poisson",
  };
  const { clipBound: _unclipped, ...unbounded } = good;

  test("DP-SGD as it is defined", () => {
    expect(uncoveredReasons(good)).toEqual([]);
    expect(() => requireCoverage(good)).not.toThrow();
  });

  test.each<[TrainingFacts, RegExp]>([
    [{ ...good, mixesRecords: true }, /batch normalisation/],
    [{ ...unbounded, clipping: "none" }, /Noise without clipping has no epsilon/],
    [{ ...good, clipping: "whole-batch" }, /not each record's/],
    [{ ...good, clipBound: 0 }, /clip bound is 0/],
    [unbounded, /clip bound is not given/],
    [{ ...good, noise: "none" }, /No noise is added/],
    [{ ...good, noise: "laplace" }, /Laplace noise/],
    [{ ...good, noiseMultiplier: 0 }, /no scale/],
    [{ ...good, noiseBeforeClipping: true }, /guarantee is void/],
    [{ ...good, noiseFromData: true }, /computed from the data/],
    [{ ...good, changedBeforeNoise: true }, /between clipping and noise/],
    [{ ...good, sampling: "shuffled" }, /Poisson sampling/],
  ])("not %o", (facts, wanted) => {
    expect(uncoveredReasons(facts)).toEqual([expect.stringMatching(wanted)]);
    expect(() => requireCoverage(facts)).toThrow(expect.objectContaining({ code: "not-covered" }));
  });
});
