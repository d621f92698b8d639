import type { NdArray } from "@recon/engine";
import { expect, test } from "vitest";
import { testMetric } from "../testing/index.ts";
import { relativeRms, rms } from "./euclidean.ts";
import { meanSquaredError } from "./mean-squared-error.ts";

const negated = ({ shape, data }: NdArray): NdArray => ({ shape, data: Float64Array.from(data, (value) => -value) });

testMetric(rms, { shape: [4, 3] });
testMetric(() => rms({ sign: true }), { shape: [4, 3], invariant: { sign: negated } });
testMetric(meanSquaredError, { shape: [4, 3] });
testMetric(relativeRms, { shape: [5] });

const array = (...values: number[]) => ({ shape: [values.length], data: Float64Array.from(values) });

test("errors are Euclidean, and modulo sign where asked", () => {
  expect(rms().score(array(1, 2), array(4, 6))).toBe(5);
  expect(rms({ sign: true }).score(array(-4, -6), array(4, 6))).toBe(0);
  expect(rms().score(array(-4, -6), array(4, 6))).toBeCloseTo(2 * Math.hypot(4, 6), 12);
  expect(relativeRms().score(array(0, 0), array(3, 4))).toBe(1);
  expect(relativeRms({ sign: true }).score(array(3, 4.5), array(-3, -4))).toBe(0.1);
  expect(relativeRms().score(array(1), array(0))).toBe(Number.POSITIVE_INFINITY);
});
