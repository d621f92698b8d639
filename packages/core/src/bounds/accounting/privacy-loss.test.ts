import { describe, expect, test } from "vitest";
import { rng } from "../../random.ts";
import { normalDensity } from "../distributions/normal.ts";
import { gaussianPair, laplacePair, reversedPair, sampledPair } from "./dominating-pair.ts";
import { fourierTransform } from "./fourier-transform.ts";
import { gaussianDelta, gaussianEpsilon } from "./gaussian.ts";
import { lossOnGrid } from "./loss-grid.ts";
import { privacyLossGuarantee, privacyProfile } from "./privacy-loss.ts";
import { renyiGuarantee } from "./renyi.ts";

const cells = 2 ** 14;

test("the Fourier transform agrees with its definition", () => {
  const random = rng(4);
  const n = 32;
  const [re, im] = [0, 1].map(() => Float64Array.from({ length: n }, () => random.normal()));
  const [real, imaginary] = [re!.slice(), im!.slice()];
  fourierTransform(real, imaginary);
  for (let k = 0; k < n; k++) {
    let [a, b] = [0, 0];
    for (let j = 0; j < n; j++) {
      const angle = (-2 * Math.PI * j * k) / n;
      a += re![j]! * Math.cos(angle) - im![j]! * Math.sin(angle);
      b += re![j]! * Math.sin(angle) + im![j]! * Math.cos(angle);
    }
    expect(real[k]).toBeCloseTo(a, 12);
    expect(imaginary[k]).toBeCloseTo(b, 12);
  }
});

describe("privacy loss distributions", () => {
  test.each([
    [1, 1],
    [4, 16],
    [10, 100],
    [0.3, 1],
    [0.03, 1],
  ])("enclose the closed form of the Gaussian mechanism, s = %d, T = %d", (s, steps) => {
    const profile = privacyProfile([{ pair: gaussianPair(s), times: steps }], { cells });
    const mu = Math.sqrt(steps) / s;
    for (const epsilon of [0, 0.5, 1, 4]) {
      const [wanted, { lower, upper }] = [gaussianDelta(mu, epsilon), profile.delta(epsilon)];
      expect(lower).toBeLessThanOrEqual(wanted);
      expect(upper).toBeGreaterThanOrEqual(wanted);
      expect(upper - lower).toBeLessThan(1e-4);
    }
    const { lower, upper } = profile.epsilon(1e-5);
    expect(lower).toBeLessThanOrEqual(gaussianEpsilon(mu, 1e-5));
    expect(upper).toBeGreaterThanOrEqual(gaussianEpsilon(mu, 1e-5));
    expect(upper - lower).toBeLessThan(2e-3 * upper);
  });

  test("enclose two sampled steps, integrated step by step", () => {
    const [q, s] = [0.15, 0.8];
    const profile = privacyProfile([{ pair: sampledPair(gaussianPair(s), q), times: 2 }], { cells });
    for (const epsilon of [0.1, 1, 3]) {
      const wanted = Math.max(twoSteps(q, s, epsilon, "removed"), twoSteps(q, s, epsilon, "added"));
      const { lower, upper } = profile.delta(epsilon);
      expect(lower).toBeLessThanOrEqual(wanted + 1e-12);
      expect(upper).toBeGreaterThanOrEqual(wanted - 1e-12);
      expect(upper / lower - 1).toBeLessThan(1e-3);
    }
  });

  test.each([
    [0.1, 1, 100, 1],
    [0.02, 0.7, 200, 0.5],
  ])("agree with a simulation of many sampled steps: q = %d, s = %d, T = %d", (q, s, steps, epsilon) => {
    const random = rng(11);
    const values = Array.from({ length: 4000 }, () => {
      let loss = 0;
      for (let t = 0; t < steps; t++) {
        const w = s * random.normal() + (random.uniform() < q ? 1 : 0);
        loss += Math.log1p(q * Math.expm1((2 * w - 1) / (2 * s * s)));
      }
      return Math.max(0, -Math.expm1(epsilon - loss));
    });
    const mean = values.reduce((total, value) => total + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0)) / values.length;
    const { lower, upper } = privacyProfile([{ pair: sampledPair(gaussianPair(s), q), times: steps }], { cells }).delta(
      epsilon,
    );
    expect(lower).toBeLessThan(mean + 4 * deviation);
    expect(upper).toBeGreaterThan(mean - 4 * deviation);
    expect(upper / lower - 1).toBeLessThan(5e-2);
  });

  test.each([
    [0.01, 1, 1000],
    [0.02, 4, 1000],
    [0.1, 1, 100],
  ])(
    "are tighter than Rényi divergences and nearly closed: q = %d, s = %d, T = %d",
    (sampleRate, noiseMultiplier, steps) => {
      const mechanism = { sampleRate, noiseMultiplier, steps };
      const found = privacyLossGuarantee(mechanism, 1e-5, { cells });
      expect(found.epsilon).toBeLessThan(renyiGuarantee(mechanism, 1e-5).epsilon);
      expect(found.lowerEpsilon).toBeLessThan(found.epsilon);
      expect(found.epsilon / found.lowerEpsilon - 1).toBeLessThan(8e-3);
      expect(found).toMatchObject({ kind: "upper", neighbours: "add-or-remove", sampling: "poisson" });
    },
  );

  test("enclose Laplace noise, delta = 1 − exp((epsilon − 1/b) / 2)", () => {
    const profile = privacyProfile([{ pair: laplacePair(2), times: 1 }], { cells });
    for (const epsilon of [0, 0.2, 0.49]) {
      const { lower, upper } = profile.delta(epsilon);
      const wanted = -Math.expm1((epsilon - 0.5) / 2);
      expect(lower).toBeLessThanOrEqual(wanted);
      expect(upper).toBeGreaterThanOrEqual(wanted);
      expect(upper - lower).toBeLessThan(1e-4);
    }
    // Pure differential privacy: nothing is left of delta at epsilon = 1/b.
    expect(profile.epsilon(1e-9).upper).toBeCloseTo(0.5, 4);
  });

  test("compose Laplace and Gaussian noise in either order", () => {
    const parts = [
      { pair: laplacePair(3), times: 2 },
      { pair: sampledPair(gaussianPair(1), 0.1), times: 5 },
    ];
    const [one, other] = [privacyProfile(parts, { cells }), privacyProfile([...parts].reverse(), { cells })];
    expect(one.delta(0.5).upper).toBeCloseTo(other.delta(0.5).upper, 10);
    expect(one.delta(0.5).lower).toBeGreaterThan(privacyProfile([parts[0]!], { cells }).delta(0.5).upper);
  });

  test("a step of sampling has delta q times that of the full mechanism at a larger epsilon, in the direction of removal", () => {
    // δ_q(log(1 + q(e^ε − 1))) = q δ(ε): amplification by sampling, exact for this direction.
    const q = 0.2;
    const profile = privacyProfile([{ pair: sampledPair(gaussianPair(0.9), q), times: 1 }], { cells });
    const { lower, upper } = profile.delta(Math.log1p(q * Math.expm1(1.5)));
    const wanted = q * gaussianDelta(1 / 0.9, 1.5);
    expect(lower).toBeLessThanOrEqual(wanted);
    expect(upper).toBeGreaterThanOrEqual(wanted);
    expect(upper - lower).toBeLessThan(1e-5);
  });

  test("keep the mean of dP/dQ on the grid: up by splitting, down by merging", () => {
    for (const pair of [
      gaussianPair(1),
      sampledPair(gaussianPair(1), 0.1),
      reversedPair(sampledPair(laplacePair(1), 0.3)),
    ]) {
      const { lower, upper } = lossOnGrid(pair, 0.01);
      const moments = ({ first, masses }: typeof upper) => ({
        p: masses.reduce((total, mass) => total + mass, 0),
        q: masses.reduce((total, mass, i) => total + mass * Math.exp(-0.01 * (first + i)), 0),
        loss: masses.reduce((total, mass, i) => total + mass * 0.01 * (first + i), 0),
      });
      expect(moments(upper).p).toBeCloseTo(1, 12);
      expect(moments(upper).q).toBeCloseTo(1, 12);
      expect(moments(lower).p).toBeCloseTo(1, 12);
      // Rounding down leaves P's mass and adds to Q's.
      expect(moments(lower).q).toBeGreaterThan(1 - 1e-12);
      expect(moments(lower).q).toBeLessThan(Math.exp(0.01));
      expect(moments(lower).loss).toBeLessThan(moments(upper).loss);
    }
  });

  test("refuse what they cannot do", () => {
    const mechanism = { sampleRate: 0.1, noiseMultiplier: 1, steps: 10 };
    expect(() => privacyProfile([])).toThrow(/at least one mechanism/);
    expect(() => privacyLossGuarantee(mechanism, 1e-5, { cells: 1000 })).toThrow(/power of two/);
    expect(() => privacyLossGuarantee({ ...mechanism, noiseMultiplier: 0 }, 1e-5)).toThrow(/without noise/);
    expect(() => laplacePair(0)).toThrow(/without noise/);
    expect(() => privacyLossGuarantee(mechanism, 1e-18, { cells: 1024 })).toThrow(
      expect.objectContaining({ code: "epsilon-not-reachable" }),
    );
    expect(() => privacyLossGuarantee(mechanism, 0, { cells: 1024 })).toThrow(/strictly between 0 and 1/);
  });
});

/** δ of one sampled step at any real ε, from that of the Gaussian mechanism. */
function oneStep(q: number, s: number, epsilon: number, change: "removed" | "added"): number {
  if (change === "added") return -Math.expm1(epsilon) + Math.exp(epsilon) * oneStep(q, s, -epsilon, "removed");
  const inner = Math.expm1(epsilon) / q;
  if (inner <= -1) return -Math.expm1(epsilon);
  const at = Math.log1p(inner);
  const full = at >= 0 ? gaussianDelta(1 / s, at) : -Math.expm1(at) + Math.exp(at) * gaussianDelta(1 / s, -at);
  return q * full;
}

/** δ of two steps: the mean over the first step's outcome of what the second adds, by the trapezoidal rule. */
function twoSteps(q: number, s: number, epsilon: number, change: "removed" | "added"): number {
  const sign = change === "removed" ? 1 : -1;
  const width = 0.01;
  let total = 0;
  for (let w = -12 * s; w <= 1 + 12 * s; w += width) {
    const loss = sign * Math.log1p(q * Math.expm1((2 * w - 1) / (2 * s * s)));
    const [absent, present] = [normalDensity(w / s) / s, normalDensity((w - 1) / s) / s];
    const density = change === "removed" ? (1 - q) * absent + q * present : absent;
    total += width * density * oneStep(q, s, epsilon - loss, change);
  }
  return total;
}
