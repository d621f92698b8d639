import { describe, expect, test } from "vitest";
import { logBinomial, logGamma, logSumExp } from "./log-gamma.ts";
import { logNormalCdf, normalCdf, normalDensity, normalMass, normalQuantile } from "./normal.ts";

const relative = (found: number, wanted: number): number => Math.abs(found / wanted - 1);

describe("the normal distribution", () => {
  test("has the published values in both tails", () => {
    for (const [x, wanted] of [
      [-1, 0.15865525393145707],
      [-2.5, 0.006209665325776132],
      [-3, 0.0013498980316300946],
      [-10, 7.619853024160527e-24],
      [-37, 5.725571222524577e-300],
      [1.959963984540054, 0.975],
    ] as const) {
      expect(relative(normalCdf(x), wanted)).toBeLessThan(1e-12);
      expect(Math.abs(logNormalCdf(x) - Math.log(wanted))).toBeLessThan(1e-12 * (1 + Math.abs(Math.log(wanted))));
    }
  });

  test("has a logarithm where the value itself underflows: log Φ(−100) = −5000 − log(100 √2π) − 1e-4 + …", () => {
    expect(logNormalCdf(-100)).toBeCloseTo(-5000 - Math.log(100 * Math.sqrt(2 * Math.PI)) - 1e-4, 6);
  });

  test("inverts itself", () => {
    for (const p of [1e-200, 1e-9, 0.02, 0.4999, 0.5, 0.7, 1 - 1e-9]) {
      expect(Math.abs(normalCdf(normalQuantile(p)) / p - 1)).toBeLessThan(1e-12);
    }
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(normalQuantile(-0.1)).toBeNaN();
  });

  test("keeps its relative accuracy on short and on far intervals", () => {
    // To third order in the width: w φ(x) (1 + (x² − 1) w² / 24).
    const around = (x: number, w: number): number => w * normalDensity(x) * (1 + ((x * x - 1) * w * w) / 24);
    for (const [x, w] of [
      [0.3, 1e-5],
      [-8, 1e-5],
      [12, 1e-5],
    ] as const) {
      expect(relative(normalMass(x - w / 2, x + w / 2), around(x, w))).toBeLessThan(1e-9);
    }
    const cuts = [-30, -9, -2, -0.1, 0.05, 0.1, 3, 30];
    const pieces = cuts.slice(1).reduce((total, cut, i) => total + normalMass(cuts[i]!, cut), 0);
    expect(pieces).toBeCloseTo(1, 14);
  });
});

test("log Γ and binomials", () => {
  let log = 0;
  for (let n = 1; n <= 300; n++) {
    expect(Math.abs(logGamma(n) - log)).toBeLessThan(2e-14 * (5 + log));
    log += Math.log(n);
  }
  expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 13);
  expect(Math.exp(logBinomial(10, 3))).toBeCloseTo(120, 9);
  expect(logBinomial(7, 0)).toBe(0);
});

test("the logarithm of a sum of exponentials neither overflows nor underflows", () => {
  expect(logSumExp([1000, 1000])).toBeCloseTo(1000 + Math.log(2), 12);
  expect(logSumExp([-1000, -1000])).toBeCloseTo(-1000 + Math.log(2), 12);
  expect(logSumExp([])).toBe(Number.NEGATIVE_INFINITY);
});
