import { graph, input, interpret, type Tensor } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { matrix } from "../linear-algebra/matrix.ts";
import { rng } from "../random.ts";
import { correlatedGaussian } from "./correlated-gaussian.ts";
import { gaussian } from "./gaussian.ts";

const energyAt = (energy: (x: Tensor) => Tensor, shape: readonly number[], data: readonly number[]): number => {
  const x = input("x", shape);
  return interpret(graph({ x }, { value: energy(x) }), { x: { shape, data: Float64Array.from(data) } }).value!.data[0]!;
};

describe("gaussian", () => {
  test("is −log p up to a constant, with a mean that broadcasts", () => {
    const mean = { shape: [1, 2], data: Float64Array.of(1, -1) };
    // ((2 − 1)² + (1 + 1)² + (0 − 1)² + (−1 + 1)²) / (2 · .25)
    expect(energyAt(gaussian({ mean, std: 0.5 }).energy, [2, 2], [2, 1, 0, -1])).toBeCloseTo(12, 12);
    expect(Array.from(gaussian({ mean }).blind([2, 2], rng(1)).data)).toEqual([1, -1, 1, -1]);
    expect(Array.from(gaussian({ mean: 2 }).blind([3], rng(1)).data)).toEqual([2, 2, 2]);
  });

  test("draws have the mean and the spread it says", () => {
    const data = Float64Array.from(gaussian({ mean: 3, std: 2 }).sample([100, 100], rng(2)).data);
    const mean = data.reduce((total, value) => total + value / data.length, 0);
    const variance = data.reduce((total, value) => total + (value - mean) ** 2 / data.length, 0);
    expect(Math.abs(mean - 3)).toBeLessThan(0.1);
    expect(Math.abs(variance - 4)).toBeLessThan(0.3);
  });

  test("refuses what is no density", () => {
    expect(() => gaussian({ std: 0 })).toThrow(/"std" .* above 0, not 0/);
    expect(() => gaussian({ std: Number.POSITIVE_INFINITY })).toThrow(/above 0, not Infinity/);
    expect(() => gaussian({ mean: Number.NaN })).toThrow(/must be finite/);
    const mean = { shape: [3], data: new Float64Array(3) };
    expect(() => gaussian({ mean }).blind([2, 2], rng(1))).toThrow(/does not broadcast/);
  });
});

describe("correlatedGaussian", () => {
  // C = [[4, 2], [2, 5]] = L Lᵀ, C⁻¹ = 1/16 [[5, −2], [−2, 4]].
  const prior = correlatedGaussian({ mean: [1, 0], factor: matrix(2, 2, [2, 0, 1, 2]) });

  test("is ½ (x − μ)ᵀ C⁻¹ (x − μ), summed over items", () => {
    const one = 0.5 * ((5 * 4 - 2 * 2 * 2 * 1 + 4 * 1) / 16);
    expect(energyAt(prior.energy, [1, 2], [3, 1])).toBeCloseTo(one, 12);
    expect(energyAt(prior.energy, [2, 2, 1], [3, 1, 3, 1])).toBeCloseTo(2 * one, 12);
  });

  test("draws have its covariance", () => {
    const n = 20_000;
    const { data } = prior.sample([n, 2], rng(4));
    let [aa, ab, bb] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const [a, b] = [data[2 * i]! - 1, data[2 * i + 1]!];
      [aa, ab, bb] = [aa + (a * a) / n, ab + (a * b) / n, bb + (b * b) / n];
    }
    expect(Math.abs(aa - 4)).toBeLessThan(0.25);
    expect(Math.abs(ab - 2)).toBeLessThan(0.25);
    expect(Math.abs(bb - 5)).toBeLessThan(0.3);
    expect(Array.from(prior.blind([2, 2], rng(1)).data)).toEqual([1, 0, 1, 0]);
  });

  test("refuses what does not fit", () => {
    expect(() => correlatedGaussian({ mean: [1], factor: matrix(2, 2) })).toThrow(/does not fit a factor of 2 x 2/);
    expect(() => prior.blind([1, 3], rng(1))).toThrow(/2 entries does not fit items of shape \[3\]/);
  });
});
