import fc from "fast-check";
import { expect, test } from "vitest";
import { nonDecreasing, strengthAtLoss } from "./equal-utility.ts";

test("pools what falls, and leaves what rises alone", () => {
  expect(nonDecreasing([1, 2, 3])).toEqual([1, 2, 3]);
  expect(nonDecreasing([3, 1, 2])).toEqual([2, 2, 2]);
  expect(nonDecreasing([0, 2, 1, 4])).toEqual([0, 1.5, 1.5, 4]);
  expect(nonDecreasing([])).toEqual([]);
});

test("is the nearest non-decreasing sequence: no drawn one is nearer", () => {
  const values = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(values, values, (given, other) => {
      const squares = (candidate: readonly number[]): number =>
        given.reduce((sum, value, i) => sum + (value - candidate[i]!) ** 2, 0);
      const rival = given.map((_, i) => other[i] ?? other.at(-1)!).sort((a, b) => a - b);
      expect(squares(nonDecreasing(given))).toBeLessThanOrEqual(squares(rival) + 1e-9);
    }),
  );
});

test("interpolates strengths at a loss", () => {
  const points = [
    { strength: 0.01, loss: 0 },
    { strength: 0.1, loss: 1 },
    { strength: 1, loss: 5 },
  ];
  expect(strengthAtLoss(points, 1)).toEqual({ strength: 0.1 });
  expect(strengthAtLoss(points, 3).strength).toBeCloseTo(Math.sqrt(0.1), 12);
  expect(
    strengthAtLoss(
      [
        { strength: 0, loss: 0 },
        { strength: 0.8, loss: 4 },
      ],
      1,
    ).strength,
  ).toBeCloseTo(0.2, 12);
});

test("says where a sweep ends before the level, and where it begins behind it", () => {
  const points = [
    { strength: 1, loss: 2 },
    { strength: 2, loss: 4 },
  ];
  expect(strengthAtLoss(points, 5)).toEqual({
    strength: 2,
    note: "the strongest setting of the sweep costs only 4.0 points",
  });
  expect(strengthAtLoss(points, 1)).toEqual({ note: "the weakest setting of the sweep already costs 2.0 points" });
  expect(strengthAtLoss([], 1).strength).toBeUndefined();
});
