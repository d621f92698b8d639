import { expect, test } from "vitest";
import { constantRate, cosineDecay, stepDecay } from "./schedule.ts";

const along = (schedule: (step: number, steps: number) => number, steps: number): number[] =>
  Array.from({ length: steps }, (_, step) => schedule(step, steps));

test("a constant rate stays", () => {
  expect(along(constantRate(0.3), 3)).toEqual([0.3, 0.3, 0.3]);
});

test("step decay multiplies at floor(N / d)", () => {
  expect(along(stepDecay({ rate: 8, factor: 0.5, divisors: [2, 1.25] }), 10)).toEqual([8, 8, 8, 8, 8, 4, 4, 4, 2, 2]);
});

test("cosine decay climbs linearly, stands at the top, halves in the middle and ends at the final rate", () => {
  const rates = along(cosineDecay({ rate: 4, warmUp: 4, final: 1 }), 12);
  expect(rates.slice(0, 5)).toEqual([1, 2, 3, 4, 4]);
  expect(rates[8]).toBeCloseTo(2.5, 14);
  expect(cosineDecay({ rate: 4, warmUp: 4, final: 1 })(12, 12)).toBeCloseTo(1, 14);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses a rate of %s", (rate) => {
  for (const make of [constantRate, (r: number) => stepDecay({ rate: r }), (r: number) => cosineDecay({ rate: r })])
    expect(() => make(rate)).toThrow(expect.objectContaining({ code: "bad-option" }));
});
