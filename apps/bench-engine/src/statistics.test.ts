import { expect, test } from "vitest";
import { uniformStream } from "./random.ts";
import { median, medianInterval } from "./statistics.ts";

test("the median is the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test("the interval of a median holds it and is as wide as the values are scattered", () => {
  const values = Array.from({ length: 101 }, (_, i) => i);
  const [low, high] = medianInterval(values, uniformStream(1));
  // The standard error of the median of 101 uniform numbers in [0, 100] is about 5.
  expect(low).toBeGreaterThan(30);
  expect(low).toBeLessThan(48);
  expect(high).toBeGreaterThan(52);
  expect(high).toBeLessThan(70);
  expect(medianInterval([7, 7, 7], uniformStream(1))).toEqual([7, 7]);
});
