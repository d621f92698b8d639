import { type EnergyPrior, rng } from "@recon/core";
import { testPrior } from "@recon/core/testing";
import { constant, grad, graph, input, interpret, type NdArray } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { periodicity } from "./periodicity.ts";
import { quantileBounds } from "./quantile-bounds.ts";
import { smoothness } from "./smoothness.ts";
import { trend } from "./trend.ts";

const shape = [3, 7, 2];
testPrior(() => periodicity({ period: 3 }), { shape, zero: () => periodicity({ period: 3, weight: 0 }) });
testPrior(() => smoothness(), { shape, zero: () => smoothness({ weight: 0 }) });
testPrior(() => trend({ moving_line: true }), { shape, zero: () => trend({ weight: 0 }) });
testPrior(() => quantileBounds({ low: 0.2, high: 0.4, weight: 3 }), {
  shape,
  zero: () => quantileBounds({ low: 0, high: 0, weight: 0 }),
});
testPrior(() => quantileBounds({ low: -0.5, high: column([0, 1, 2, 3, 4, 5, 6]) }), { shape: [2, 7, 1] });

function column(values: readonly number[]): NdArray {
  return { shape: [values.length, 1], data: Float64Array.from(values) };
}

const series = (values: readonly number[]): NdArray => ({
  shape: [1, values.length, 1],
  data: Float64Array.from(values),
});

function energyOf(prior: EnergyPrior, s: NdArray): number {
  return interpret(graph({}, { energy: prior.energy(constant(s.data, s.shape)) }), {}).energy!.data[0]!;
}

function gradientOf(prior: EnergyPrior, s: NdArray): number[] {
  const x = input("x", s.shape);
  return Array.from(interpret(graph({ x }, { g: grad(prior.energy(x), [x])[0]! }), { x: s }).g!.data);
}

describe("values by hand", () => {
  test("periodicity", () => {
    // Two steps apart: |1 − 4| , |2 − 2|, |4 − 7|.
    expect(energyOf(periodicity({ period: 2, weight: 0.5 }), series([1, 2, 4, 2, 7]))).toBeCloseTo((0.5 * 6) / 3, 15);
    expect(energyOf(periodicity({ period: 2 }), series([3, 1, 3, 1, 3, 1]))).toBe(0);
  });
  test("smoothness, in nats of normal increments", () => {
    expect(energyOf(smoothness({ std: 0.5 }), series([0, 1, 0.5]))).toBeCloseTo(0.5 * (4 + 1), 15);
    expect(energyOf(smoothness(), series([0.3, 0.3, 0.3]))).toBe(0);
  });
  test("trend: the distance of 0, 0, 3 to its line −½, 1, 2½", () => {
    expect(energyOf(trend({ weight: 2 }), series([0, 0, 3]))).toBeCloseTo((2 * (0.5 + 1 + 0.5)) / 3, 14);
    expect(energyOf(trend(), series([1, 3, 5, 7]))).toBeCloseTo(0, 14);
  });
  test("trend holds its line, so that every value is drawn to it; or follows it", () => {
    const s = series([0, 0, 3]);
    expect(gradientOf(trend(), s)).toEqual([1 / 3, -1 / 3, 1 / 3]);
    // (I − P) sign(s − ℓ) / 3 with residuals (½, −1, ½): the projection of (1, −1, 1) on its line is ⅓ everywhere.
    for (const [i, g] of gradientOf(trend({ moving_line: true }), s).entries()) {
      expect(g).toBeCloseTo([2 / 9, -4 / 9, 2 / 9][i]!, 14);
    }
  });
  test("quantileBounds", () => {
    expect(energyOf(quantileBounds({ low: 0, high: 1, weight: 4 }), series([-0.5, 0.3, 1, 2]))).toBeCloseTo(1.5, 15);
    const rising = quantileBounds({ low: column([0, 1, 2]), high: column([1, 2, 3]) });
    expect(energyOf(rising, series([0.5, 1.5, 2.5]))).toBe(0);
    expect(energyOf(rising, series([2.5, 1.5, 0.5]))).toBeCloseTo(1, 15);
  });
});

test("columns and items are averaged, each compared with itself alone", () => {
  const joined = { shape: [1, 3, 2], data: Float64Array.of(1, 9, 2, 9, 4, 9) };
  expect(energyOf(periodicity({ period: 1 }), joined)).toBeCloseTo((1 + 2) / 4, 15);
  expect(energyOf(trend(), joined)).toBeCloseTo(energyOf(trend(), series([1, 2, 4])) / 2, 14);
});

test("the blind guesses are flat", () => {
  for (const prior of [periodicity({ period: 2 }), smoothness(), trend()]) {
    expect(prior.blind!([1, 4, 1], rng(1)).data).toEqual(Float64Array.of(0.5, 0.5, 0.5, 0.5));
  }
  expect(quantileBounds({ low: 0.2, high: 0.4 }).blind!([1, 1, 1], rng(1)).data[0]).toBeCloseTo(0.3, 15);
});

test.each([
  [() => periodicity({} as never), "bad-option", '"period"'],
  [() => periodicity({ period: 1.5 }), "bad-option", "a whole number of at least 1"],
  [() => trend({ weight: -1 }), "bad-option", '"weight" must be a number of at least 0'],
  [() => smoothness({ std: 0 }), "bad-option", '"std" must be a number above 0'],
  [() => quantileBounds({ low: 1, high: 0 }), "bad-option", 'at most "high", 0'],
  [() => quantileBounds({ low: 1 } as never), "bad-option", '"high"'],
  [() => energyOf(periodicity({ period: 24 }), series([1, 2, 3])), "shape", "at least 25 steps"],
  [() => energyOf(smoothness(), { shape: [3, 1], data: new Float64Array(3) }), "shape", "[batch, steps, columns]"],
])("what does not fit is said (case %#)", (use, code, message) => {
  expect(use).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
});
