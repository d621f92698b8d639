import { expect, test } from "vitest";
import { rng } from "../random.ts";
import { curvatureAt, noiseLevels, openDeviation } from "./noise-levels.ts";
import type { Objective } from "./objective.ts";

const seed = Number(process.env.RECON_TEST_SEED);

/** Two items of three entries: ½ Σ hᵢ xᵢ². */
const curvatures = [1, 2, 3, 10, 20, 60];
const bowl: Objective = async ({ input }) => {
  const gradient = Float64Array.from(input!.data, (value, i) => curvatures[i]! * value);
  const value = gradient.reduce((sum, slope, i) => sum + 0.5 * slope * input!.data[i]!, 0);
  return { value, gradient: { input: { shape: input!.shape, data: gradient } } };
};

test("levels fall evenly by their logarithms", () => {
  expect(noiseLevels(8, 1, 4).map((level) => Number(level.toFixed(9)))).toEqual([8, 4, 2, 1]);
  expect(noiseLevels(8, 1, 1)).toEqual([1]);
});

test("curvature is the trace an entry, of the whole and of each item, and what is left open follows from it", async () => {
  const x = { shape: [2, 3], data: Float64Array.of(1, -1, 0.5, 2, 0, 1) };
  const found = await curvatureAt(bowl, x, { step: 0.1, probes: 6, rng: rng(seed) });
  // Of a diagonal Hessian every probe of random signs gives the trace.
  expect(found.means.map((mean) => Number(mean.toFixed(9)))).toEqual([2, 30]);
  expect(found.mean).toBeCloseTo(16, 9);
  expect(found.largest).toBeGreaterThan(30);
  expect(found.largest).toBeLessThanOrEqual(60 + 1e-9);
  expect(openDeviation(found)).toBeCloseTo(0.25, 9);
  expect(openDeviation({ mean: 0 })).toBe(Number.POSITIVE_INFINITY);
});
