import { expect, test } from "vitest";
import { rng } from "../random.ts";
import { estimateSpectrum, thinned } from "./spectrum.ts";

/** JᵀJ of a diagonal J: its singular values are the diagonal, and Lanczos does not know. */
const diagonalGram =
  (values: readonly number[]) =>
  async (v: Float64Array): Promise<Float64Array> =>
    v.map((entry, i) => values[i]! ** 2 * entry);

test("as many products as unknowns find all singular values", async () => {
  const values = [9, 7, 4, 2, 1, 0.25];
  const { points, largest, smallest } = await estimateSpectrum(diagonalGram(values), 6, 99, rng(1));
  expect(points.map(([, value]) => Number(value.toFixed(6)))).toEqual(values);
  expect(largest).toBeCloseTo(9, 8);
  expect(smallest).toBeCloseTo(0.25, 5);
});

test("few products bound the ends from inside, and count what lies between", async () => {
  const n = 400;
  const values = Array.from({ length: n }, (_, k) => 10 ** (-3 * (k / (n - 1))));
  for (const seed of [1, 2, 3]) {
    const estimate = await estimateSpectrum(diagonalGram(values), n, 24, rng(seed));
    expect(estimate.products).toBe(24);
    expect(estimate.largest).toBeLessThanOrEqual(1 + 1e-12);
    expect(estimate.largest).toBeGreaterThan(0.95);
    expect(estimate.smallest).toBeGreaterThanOrEqual(1e-3);
    // A value that k others exceed lies near the k-th of the true ones.
    const middle = estimate.points.find(([at]) => at > n / 3)!;
    const larger = values.filter((value) => value > middle[1]).length;
    expect(Math.abs(larger - middle[0])).toBeLessThan(0.15 * n);
  }
});

test("a space that is exhausted early ends early, with zero as its smallest value", async () => {
  const estimate = await estimateSpectrum(diagonalGram([2, 2, 2, 0, 0]), 5, 5, rng(4));
  expect(estimate.products).toBeLessThanOrEqual(3);
  expect(estimate.largest).toBeCloseTo(2, 10);
  expect(estimate.smallest).toBeLessThan(1e-7);
});

test("thinned lists keep both ends and their places", () => {
  const values = Array.from({ length: 1000 }, (_, k) => 1000 - k);
  const points = thinned(values);
  expect(points.length).toBeLessThanOrEqual(66);
  expect(points[0]).toEqual([0, 1000]);
  expect(points.at(-1)).toEqual([999, 1]);
  for (const [at, value] of points) expect(value).toBe(1000 - at);
  expect(thinned([3, 2, 1])).toEqual([
    [0, 3],
    [1, 2],
    [2, 1],
  ]);
});
