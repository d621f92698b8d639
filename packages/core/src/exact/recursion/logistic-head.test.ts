import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logisticErrors } from "./logistic-head.ts";

/** w and dw of one sample with features h and class y = ±1 under log(1 + e^(−y w·h)). */
function observed(w: readonly number[], h: readonly number[], y: number) {
  const u = y * w.reduce((total, value, i) => total + value * h[i]!, 0);
  const k = -y / (1 + Math.exp(u));
  return { k, u, gradient: h.map((value) => k * value) };
}

describe("logisticErrors", () => {
  it("holds the true error signal among its two or four candidates", () => {
    const vector = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(vector, vector, fc.constantFrom(1, -1), fc.double({ min: 0.1, max: 4 }), (w, h, y, size) => {
        const scaled = h.map((value) => size * value);
        const { k, u, gradient } = observed(w, scaled, y);
        fc.pre(Math.hypot(...gradient) > 1e-6 && Math.abs(u - 1.2785) > 0.05 && Math.abs(u) > 1e-6);
        const { value, reason } = logisticErrors(w, gradient);
        expect(value, reason).toBeDefined();
        expect(value!.length).toBe(u < 0 ? 2 : 4);
        const nearest = Math.min(...value!.map((candidate) => Math.abs(candidate - k) / Math.abs(k)));
        expect(nearest).toBeLessThan(1e-9);
      }),
      { numRuns: 300 },
    );
  });

  it("finds the double root at the turning point", () => {
    // u = 1 + W₀(1/e) = 1.27846..., where −u / (1 + eᵘ) = −0.27846...
    const { k, gradient } = observed([1], [1.278464542761074], 1);
    const { value } = logisticErrors([1], gradient);
    expect(Math.min(...value!.map((candidate) => Math.abs(candidate - k)))).toBeLessThan(1e-6);
  });

  it("says what no single sample gives", () => {
    expect(logisticErrors([1], [-0.3])).toMatchObject({ reason: expect.stringMatching(/no single sample/) });
    expect(logisticErrors([1], [0])).toMatchObject({ reason: "The head's gradient is zero." });
    expect(logisticErrors([1], [Number.NaN])).toMatchObject({ reason: "The head's gradient is not finite." });
  });
});
