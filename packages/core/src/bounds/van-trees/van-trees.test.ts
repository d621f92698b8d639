import { describe, expect, test } from "vitest";
import { cholesky, choleskySolve } from "../../linear-algebra/cholesky.ts";
import { identityMatrix, type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { plainProduct } from "../../linear-algebra/multiply.ts";
import { matrixVector, norm, transposedMatrixVector } from "../../linear-algebra/vector.ts";
import { rng } from "../../random.ts";
import { normalMean, type SmoothActivation, twoLayerBound, twoLayerJacobian } from "./two-layer.ts";
import { cramerRao, fisherInformation, vanTrees, vanTreesFromDraws, vanTreesTrace } from "./van-trees.ts";

const tanh: SmoothActivation = {
  value: Math.tanh,
  first: (z) => 1 - Math.tanh(z) ** 2,
  second: (z) => -2 * Math.tanh(z) * (1 - Math.tanh(z) ** 2),
};

const scaled = (a: Matrix, factor: number): Matrix =>
  matrix(
    a.rows,
    a.cols,
    a.data.map((value) => factor * value),
  );

describe("van Trees", () => {
  const h = matrix(3, 2, [1, 0, 1, 1, 0, 2]);

  test("is 30/173 for y = H x + N(0, .25 I), x ~ N(0, I), where the posterior mean attains it, and 4/30 by traces", async () => {
    const information = fisherInformation(h, { std: 0.5 });
    const bound = await vanTrees(information, identityMatrix(2));
    expect(bound.value).toBeCloseTo(30 / 173, 14);
    expect(bound.kind).toBe("lower");
    const traces = vanTreesTrace(2, information.data[0]! + information.data[3]!, 2);
    expect(traces.value).toBeCloseTo(4 / 30, 14);
    expect(traces.value).toBeLessThan(bound.value);
  });

  test("without a prior is the Cramér–Rao bound, tr (HᵀH)⁻¹ σ² = 7/9 · .25", async () => {
    expect((await cramerRao(fisherInformation(h, { std: 0.5 }))).value).toBeCloseTo((7 / 9) * 0.25, 14);
  });

  test("ignores pruned entries and weighs each entry by its own noise", async () => {
    const kept = fisherInformation(h, { std: [0.5, 1, 0.25], mask: [1, 0, 1] });
    expect(Array.from(kept.data)).toEqual([4, 0, 0, 64]);
    expect((await vanTrees(kept, identityMatrix(2))).value).toBeCloseTo(1 / 5 + 1 / 65, 14);
  });

  test("refuses what has no bound", async () => {
    expect(() => fisherInformation(h, { std: 0 })).toThrow(/without noise/);
    expect(() => fisherInformation(h, { std: 1, mask: [0, 0, 0] })).toThrow(/Every entry is pruned/);
    expect(() => fisherInformation(h, { std: [1, 2] })).toThrow(/2 standard deviations do not fit/);
    await expect(cramerRao(fisherInformation(h, { std: 1, mask: [1, 0, 0] }))).rejects.toThrow(/not positive definite/);
    await expect(vanTrees(matrix(2, 2), identityMatrix(3))).rejects.toThrow(/of one size/);
    await expect(vanTreesFromDraws([identityMatrix(2)], identityMatrix(2))).rejects.toThrow(/at least two draws/);
    expect(() => vanTreesTrace(2, 0, 0)).toThrow(/no finite bound/);
  });

  test("from draws is below the bound by two standard errors, and 19 of 20 times or more below the truth", async () => {
    // F(x) = x³/3 in each of two coordinates, x ~ N(0, I): I_D = E x⁴ / σ² = 3 / σ², the bound 2 / (1 + 3 / σ²).
    const truth = 2 / (1 + 3 / 0.25);
    let below = 0;
    for (let seed = 0; seed < 40; seed++) {
      const random = rng(seed);
      const draws = Array.from({ length: 400 }, () => {
        const [a, b] = [random.normal() ** 2, random.normal() ** 2];
        return fisherInformation(matrix(2, 2, [a, 0, 0, b]), { std: 0.5 });
      });
      const found = await vanTreesFromDraws(draws, identityMatrix(2));
      expect(found.value).toBeCloseTo(found.estimate - 2 * found.standardError, 14);
      expect(Math.abs(found.estimate / truth - 1)).toBeLessThan(0.5);
      if (found.value <= truth) below++;
    }
    expect(below).toBeGreaterThanOrEqual(35);
  });
});

describe("two-layer networks with one sample", () => {
  test("the closed form: bracket 1.229010, 2.712e-6 a coordinate for tanh, σ = .01, m = 30, r = 1, |x| = 1", () => {
    const setting = { activation: tanh, dimension: 8, width: 30, noiseStd: 0.01, residual: 1, inputNorm: 1 };
    expect(2 * normalMean((z) => tanh.first(z) ** 2) + normalMean((z) => tanh.second(z) ** 2)).toBeCloseTo(1.22901, 5);
    expect(Math.abs(twoLayerBound({ ...setting, observed: "both" }).value / 8 / 2.712e-6 - 1)).toBeLessThan(2e-4);
    // Output gradient alone: E s'² = .464403.
    expect(twoLayerBound({ ...setting, observed: "output" }).value / 8).toBeCloseTo(1e-4 / (30 * 0.464403), 10);
    expect(() => twoLayerBound({ ...setting, observed: "both", noiseStd: 0 })).toThrow(/without noise/);
    expect(() => twoLayerBound({ ...setting, observed: "both", residual: 0 })).toThrow(/no gradient/);
  });

  test("the Jacobian agrees with finite differences", () => {
    const random = rng(6);
    const [m, d] = [5, 3];
    const weights = matrix(
      m,
      d,
      Array.from({ length: m * d }, () => random.normal()),
    );
    const x = Array.from({ length: d }, () => random.normal());
    const jacobian = twoLayerJacobian(weights, tanh, 1, x);
    for (let l = 0; l < d; l++) {
      const [up, down] = [1e-5, -1e-5].map((step) =>
        twoLayerGradients(
          weights,
          x.map((value, k) => (k === l ? value + step : value)),
        ),
      );
      up!.forEach((value, row) => {
        expect(jacobian.data[row * d + l]).toBeCloseTo((value - down![row]!) / 2e-5, 8);
      });
    }
  });

  test("the bounds of the table: d = 8, m = 30, prior variance .125, per coordinate", async () => {
    const random = rng(2);
    const [m, d, draws] = [30, 8, 100];
    const table = [
      [0.01, 3.26e-6],
      [0.1, 3.26e-4],
      [0.3, 2.86e-3],
      [1, 0.0255],
      [3, 0.086],
      [10, 0.12],
    ] as const;
    const found = table.map(() => 0);
    const networks = 8;
    for (let network = 0; network < networks; network++) {
      const weights = matrix(
        m,
        d,
        Array.from({ length: m * d }, () => random.normal()),
      );
      const informations = Array.from({ length: draws }, () => {
        const x = Array.from({ length: d }, () => Math.sqrt(0.125) * random.normal());
        return fisherInformation(twoLayerJacobian(weights, tanh, 1, x), { std: 1 });
      });
      for (const [i, [std]] of table.entries()) {
        const prior = scaled(identityMatrix(d), 8);
        const { estimate } = await vanTreesFromDraws(
          informations.map((one) => scaled(one, 1 / std ** 2)),
          prior,
        );
        found[i]! += estimate / d / networks;
      }
    }
    // The table is of one network; networks of this width differ by 3 per cent (standard deviation over 30 of them).
    table.forEach(([, wanted], i) => {
      expect(Math.abs(found[i]! / wanted - 1)).toBeLessThan(0.1);
    });
  });

  test.each([0.1, 1])(
    "no maximum a posteriori estimate errs less than the bound, nor much more: noise %d",
    async (std) => {
      const random = rng(12);
      const [m, d, variance, trials] = [30, 8, 0.125, 40];
      const draw = (n: number, scale: number) => Float64Array.from({ length: n }, () => scale * random.normal());
      const weights = matrix(m, d, draw(m * d, 1));
      const informations: Matrix[] = [];
      const errors: number[] = [];
      for (let trial = 0; trial < trials; trial++) {
        const truth = draw(d, Math.sqrt(variance));
        informations.push(fisherInformation(twoLayerJacobian(weights, tanh, 1, truth), { std }));
        const seen = twoLayerGradients(weights, truth).map((value) => value + std * random.normal());
        const found = await posteriorMode(weights, seen, { std, variance, start: truth });
        errors.push(found.reduce((total, value, i) => total + (value - truth[i]!) ** 2, 0));
      }
      const bound = (await vanTreesFromDraws(informations, scaled(identityMatrix(d), 1 / variance))).value;
      const mean = errors.reduce((total, value) => total + value, 0) / trials;
      const deviation = Math.sqrt(errors.reduce((total, value) => total + (value - mean) ** 2, 0)) / trials;
      expect(mean).toBeGreaterThan(bound - 2 * deviation);
      // Within 3 dB, up to what the sample of trials leaves open.
      expect(mean - 2 * deviation).toBeLessThan(2 * bound);
    },
  );
});

/** (g, G) of a two-layer network with a_j = 1/m and label 1, G times m: what `twoLayerJacobian` is the Jacobian of. */
function twoLayerGradients(weights: Matrix, x: ArrayLike<number>): Float64Array {
  const z = matrixVector(weights, x);
  const residual = z.reduce((total, value) => total + Math.tanh(value) / z.length, -1);
  const rows = Array.from(z, (value) => Array.from(x, (entry) => residual * tanh.first(value) * entry));
  return Float64Array.from([...z.map((value) => residual * Math.tanh(value)), ...rows.flat()]);
}

/** Gauss–Newton steps with halving on −log posterior, started from the truth: a better attacker than any real one. */
async function posteriorMode(
  weights: Matrix,
  seen: Float64Array,
  { std, variance, start }: { readonly std: number; readonly variance: number; readonly start: Float64Array },
): Promise<Float64Array> {
  const objective = (x: Float64Array): number =>
    twoLayerGradients(weights, x).reduce((total, value, k) => total + ((value - seen[k]!) / std) ** 2, 0) +
    x.reduce((total, value) => total + value * value, 0) / variance;
  let x = start;
  for (let step = 0; step < 30; step++) {
    const jacobian = twoLayerJacobian(weights, tanh, 1, x);
    const curvature = fisherInformation(jacobian, { std });
    for (let i = 0; i < x.length; i++) curvature.data[i * x.length + i]! += 1 / variance;
    const misfit = twoLayerGradients(weights, x).map((value, k) => (seen[k]! - value) / std ** 2);
    const downhill = transposedMatrixVector(jacobian, misfit).map((value, i) => value - x[i]! / variance);
    const change = choleskySolve(await cholesky(curvature, { product: plainProduct }), downhill);
    let length = 1;
    const moved = (): Float64Array => x.map((value, i) => value + length * change[i]!);
    while (length > 1e-6 && objective(moved()) > objective(x)) length /= 2;
    if (length <= 1e-6) break;
    x = moved();
    if (norm(change) < 1e-6 * norm(x)) break;
  }
  return x;
}
