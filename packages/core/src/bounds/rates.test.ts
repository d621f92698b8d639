import { expect, test } from "vitest";
import {
  aggregationRates,
  clipRates,
  clipRecordsRates,
  dpSgdRates,
  dropoutRates,
  gaussianRates,
  localStepsRates,
  pruningRates,
  type Rates,
  undefendedRates,
} from "./rates.ts";

const size = { batch: 4, dimension: 100, width: 2500 };
const values = ({ upper, lower }: Rates) => [upper?.value, lower?.value];

test("rates of every defence at B = 4, d = 100, m = 2500, where √(d/m) = .2", () => {
  expect(values(undefendedRates(size))).toEqual([0.8, 0]);
  expect(values(localStepsRates(size))).toEqual([0.8, 0]);
  expect(values(aggregationRates(size, 3))[0]).toBeCloseTo(2.4, 12);
  expect(values(clipRates(size, 1))).toEqual([0.8, 0]);
  expect(values(clipRecordsRates(size, 1))).toEqual([0.8, undefined]);
  const noisy = gaussianRates(size, 0.5);
  expect(noisy.upper!.value).toBeCloseTo(0.9, 12);
  expect(noisy.lower!.value).toBeCloseTo(0.1, 12);
  const dropped = dropoutRates(size, 0.75, 0.5);
  expect(dropped.upper!.value).toBeCloseTo(1.6, 12);
  expect(dropped.lower!.value).toBeCloseTo(0.2, 12);
  expect(pruningRates(size, 0.75, 0.5).upper).toBeUndefined();
  expect(pruningRates(size, 0.75, 0.5).lower!.value).toBeCloseTo(0.2, 12);
});

test("DP-SGD is noise enlarged by what clipping takes away", () => {
  const clipped = dpSgdRates({ ...size, noiseStd: 0.5, clipBound: 2, gradientNorm: 6 });
  expect(values(clipped)).toEqual(values(gaussianRates(size, 1.5)));
  expect(values(dpSgdRates({ ...size, noiseStd: 0.5, clipBound: 2, gradientNorm: 1 }))).toEqual(
    values(gaussianRates(size, 0.5)),
  );
});

test("no rate is called a bound, and each states what it rests on", () => {
  for (const { upper, lower } of [
    undefendedRates(size),
    localStepsRates(size),
    gaussianRates(size, 1),
    dropoutRates(size, 0.1),
  ]) {
    for (const found of [upper!, lower!]) {
      expect(found.kind).toBe("approximation");
      expect(found.assumptions.length).toBeGreaterThanOrEqual(3);
    }
  }
});

test("bad input is refused with a sentence", () => {
  expect(() => gaussianRates(size, 0)).toThrow(/without noise/);
  expect(() => clipRates(size, 0)).toThrow(/clip bound must be a finite number above 0/);
  expect(() => dpSgdRates({ ...size, noiseStd: 1, clipBound: 0, gradientNorm: 1 })).toThrow(/clip bound/);
  expect(() => pruningRates(size, 1)).toThrow(/leaves nothing to send/);
  expect(() => dropoutRates(size, 1)).toThrow(/leaves nothing to send/);
  expect(() => undefendedRates({ ...size, batch: 0 })).toThrow(/batch size must be a whole number/);
});
