import { describe, expect, test } from "vitest";
import { identityMatrix, type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { rng } from "../../random.ts";
import { probedMatrixBound } from "./lanczos-bound.ts";
import { leakMap } from "./leak-map.ts";
import { denseProducts } from "./products.ts";
import { informationTrace, probedTraceBound } from "./trace-bound.ts";
import { fisherInformation, vanTrees, vanTreesTrace } from "./van-trees.ts";

const [inputs, outputs] = [12, 40];
const random = rng(9);
const base = matrix(
  outputs,
  inputs,
  Array.from({ length: outputs * inputs }, (_, i) => random.normal() * (1 + (i % inputs))),
);
/** A Jacobian that moves with x a little: that of F_k(x) = Σ_i A_ki (x_i + .1 x_i²). */
const jacobian = (x: ArrayLike<number>): Matrix =>
  matrix(
    outputs,
    inputs,
    base.data.map((value, i) => value * (1 + 0.2 * x[i % inputs]!)),
  );
const points = Array.from({ length: 12 }, () => Float64Array.from({ length: inputs }, () => random.normal()));
const jacobians = new Map<Float64Array, Matrix>(points.map((point) => [point, jacobian(point)]));
const products = denseProducts(inputs, outputs, (x) => jacobians.get(x) ?? jacobian(x));
const std = Float64Array.from({ length: outputs }, (_, k) => 5 + (k % 3));
const mask = Float64Array.from({ length: outputs }, (_, k) => (k % 4 === 0 ? 0 : 1));
const prior = 4;

/** I_D over the points, exactly. */
const dense = matrix(inputs, inputs);
for (const point of points) {
  fisherInformation(jacobian(point), { std, mask }).data.forEach((value, i) => {
    dense.data[i]! += value / points.length;
  });
}
const diagonal = Array.from({ length: inputs }, (_, i) => dense.data[i * inputs + i]!);
const total = diagonal.reduce((sum, value) => sum + value, 0);
const setting = (seed: number, probes: number) => ({ products, noise: { std, mask }, points, probes, rng: rng(seed) });

describe("probes of an information matrix", () => {
  test("find its trace, within their own error", async () => {
    // Over 40 seeds the deviations in units of the standard error must have about unit variance, so that it is neither flattered nor inflated.
    let squares = 0;
    for (let seed = 0; seed < 40; seed++) {
      const own = points.map(() => Float64Array.from({ length: inputs }, () => 0));
      const { mean, standardError } = await informationTrace({ ...setting(seed, 1), points: own });
      const exact = trace(fisherInformation(base, { std, mask }));
      squares += ((mean - exact) / standardError) ** 2 / 40;
    }
    expect(squares).toBeGreaterThan(0.4);
    expect(squares).toBeLessThan(2);
  });

  test("bound below what the matrix gives, by two standard errors", async () => {
    const found = await probedTraceBound(setting(1, 4), prior);
    const exact = vanTreesTrace(inputs, total, inputs * prior).value;
    expect(found.value).toBeLessThan(exact);
    expect(Math.abs(found.estimate - exact)).toBeLessThan(4 * found.standardError);
    expect(found.standardError).toBeLessThan(0.2 * exact);
  });

  test("by Lanczos come near the matrix form, which is above the trace form", async () => {
    const exact = (
      await vanTrees(
        dense,
        matrix(
          inputs,
          inputs,
          identityMatrix(inputs).data.map((v) => prior * v),
        ),
      )
    ).value;
    const found = await probedMatrixBound(setting(2, 20), prior);
    expect(Math.abs(found.estimate - exact)).toBeLessThan(4 * found.standardError);
    expect(found.value).toBeLessThan(exact);
    expect(found.value).toBeGreaterThan(0.6 * exact);
    expect(found.value).toBeGreaterThan((await probedTraceBound(setting(2, 20), prior)).value);
    expect(found.kind).toBe("lower");
    // Every step of a probe raises its value towards the exact one.
    let last = 0;
    for (const steps of [1, 3, 6]) {
      const { estimate } = await probedMatrixBound(setting(2, 20), prior, { steps });
      expect(estimate).toBeGreaterThan(last);
      expect(estimate).toBeLessThanOrEqual(found.estimate * (1 + 1e-9));
      last = estimate;
    }
  });

  test("map the information of every coordinate", async () => {
    const map = await leakMap(setting(3, 30), prior);
    diagonal.forEach((wanted, i) => {
      expect(Math.abs(map.information[i]! - wanted)).toBeLessThan(6 * map.standardError[i]!);
      expect(map.standardError[i]!).toBeLessThan(0.4 * wanted);
      expect(map.error[i]!).toBeCloseTo(1 / (map.information[i]! + 2 * map.standardError[i]! + prior), 12);
    });
    // The factor of coordinate i grows with i: the last leaks more than a hundred times what the first does.
    expect(map.information[inputs - 1]! / map.information[0]!).toBeGreaterThan(50);
  });

  test("say which estimators a map at one point limits", async () => {
    const one = { ...setting(4, 20), points: [points[0]!] };
    expect((await leakMap(one)).assumptions[0]).toMatch(/unbiased/);
    expect((await leakMap(one)).kind).toBe("lower");
    expect((await leakMap(one, prior)).kind).toBe("approximation");
  });

  test("no estimate beats the bound: the posterior mean of a linear problem attains it", async () => {
    const linear = denseProducts(inputs, outputs, () => base);
    const information = fisherInformation(base, { std: 6 });
    const priorMatrix = matrix(
      inputs,
      inputs,
      identityMatrix(inputs).data.map((value) => prior * value),
    );
    const attained = (await vanTrees(information, priorMatrix)).value;
    let below = 0;
    for (let seed = 0; seed < 8; seed++) {
      const of = { products: linear, noise: { std: 6 }, points: points.slice(0, 2), probes: 30, rng: rng(seed) };
      if ((await probedMatrixBound(of, prior)).value <= attained) below++;
    }
    expect(below).toBeGreaterThanOrEqual(7);
  });

  test("are refused without noise, draws or a fitting size", async () => {
    await expect(informationTrace({ ...setting(1, 1), points: [points[0]!] })).rejects.toThrow(/at least two probes/);
    await expect(probedTraceBound({ ...setting(1, 5), points: [points[0]!] }, prior)).rejects.toThrow(/2 draws/);
    await expect(probedTraceBound(setting(1, 1), 0)).rejects.toThrow(/information of the prior/);
    await expect(probedMatrixBound({ ...setting(1, 2), noise: { std: 0 } }, prior)).rejects.toThrow(/without noise/);
    await expect(leakMap({ ...setting(1, 2), points: [new Float64Array(3)] })).rejects.toThrow(
      /does not fit an unknown/,
    );
    await expect(leakMap({ ...setting(1, 2), noise: { std, mask: new Float64Array(outputs) } })).rejects.toThrow(
      /Every entry is pruned/,
    );
  });
});

function trace({ rows, data }: Matrix): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += data[i * rows + i]!;
  return sum;
}
