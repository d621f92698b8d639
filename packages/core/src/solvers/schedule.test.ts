import { describe, expect, it } from "vitest";
import { constantRate, cosineDecay, stepDecay } from "./schedule.ts";
import { softSign } from "./sign.ts";
import { stateless } from "./transform.ts";

describe("schedules", () => {
  it("step decay of 4800 steps falls at 1799, 3000 and 4203", () => {
    const rate = stepDecay({ rate: 0.1 });
    const jumps = Array.from({ length: 4799 }, (_, i) => i + 1).filter((i) => rate(i, 4800) !== rate(i - 1, 4800));
    expect(jumps).toEqual([1799, 3000, 4203]);
    expect(rate(0, 4800)).toBe(0.1);
    expect(rate(4799, 4800)).toBeCloseTo(1e-4, 18);
  });

  it("cosine climbs for 50 steps, is at its top there, at half in the middle and nearly 0 at the end", () => {
    const rate = cosineDecay({ rate: 0.1, warmUp: 50 });
    expect(rate(0, 1050)).toBeCloseTo(0.002, 15);
    expect(rate(49, 1050)).toBeCloseTo(0.1, 15);
    expect(rate(50, 1050)).toBeCloseTo(0.1, 15);
    expect(rate(550, 1050)).toBeCloseTo(0.05, 15);
    expect(rate(1049, 1050)).toBeLessThan(1e-6);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("a rate of %s is a clear error", (rate) => {
    expect(() => stepDecay({ rate })).toThrow(/"rate" must be a positive number/);
    expect(() => constantRate(rate)(0, 1)).toThrow(/"rate"/);
  });
});

describe("soft sign", () => {
  it("is tanh u at the first step and nearly u at the last", () => {
    const first = Float64Array.of(2);
    softSign().update(first, stateless, { step: 0, steps: 1000 });
    expect(first[0]).toBe(Math.tanh(2));
    const last = Float64Array.of(2);
    softSign().update(last, stateless, { step: 999, steps: 1000 });
    expect(last[0]).toBeCloseTo(2, 4);
  });
});
