import fc from "fast-check";
import { expect, test } from "vitest";
import { linearAxis, logAxis } from "./axis.ts";

test("round numbers that cover the range", () => {
  expect(linearAxis(0, 20, 0, 100).ticks).toEqual([0, 5, 10, 15, 20]);
  expect(linearAxis(0, 20, 0, 100).at(5)).toBe(25);
  expect(logAxis(0.02, 1.5, 0, 90).ticks.map((tick) => Number(tick.toPrecision(3)))).toEqual([0.01, 0.1, 1, 10]);
  expect(logAxis(0.02, 1.5, 0, 90).at(0.1)).toBeCloseTo(30, 6);
  expect(linearAxis(3, 3, 0, 1).ticks.length).toBeGreaterThan(1);
});

test("few ticks, in order, around every value; positions inside the chart", () => {
  const finite = fc.double({ min: -1e12, max: 1e12, noNaN: true });
  const positive = fc.double({ min: 1e-30, max: 1e30, noNaN: true });
  fc.assert(
    fc.property(finite, finite, positive, positive, (a, b, c, d) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const [small, large] = [Math.min(c, d), Math.max(c, d)];
      const cases = [
        { axis: linearAxis(low, high, 10, 90), low, high, slack: 1e-9 * Math.max(Math.abs(low), Math.abs(high)) },
        { axis: logAxis(small, large, 10, 90), low: small, high: large, slack: 1e-9 * large },
      ];
      for (const { axis, low: from, high: to, slack } of cases) {
        expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
        expect(axis.ticks.length).toBeLessThanOrEqual(8);
        expect(axis.ticks[0]).toBeLessThanOrEqual(from + slack);
        expect(axis.ticks.at(-1)).toBeGreaterThanOrEqual(to - slack);
        for (const value of [from, to]) {
          expect(axis.at(value)).toBeGreaterThanOrEqual(10);
          expect(axis.at(value)).toBeLessThanOrEqual(90);
        }
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});
