import { multiply, rng } from "@recon/core";
import { testPrior } from "@recon/core/testing";
import { constant, graph, interpret, type NdArray } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { autocovariance, autocovarianceByLog } from "./autocovariance.ts";
import type { Covariance } from "./covariance-options.ts";
import { gaussianProcess, priorRows } from "./gaussian-process.ts";
import { innovations } from "./innovations.ts";
import { marginalLikelihood } from "./marginal-likelihood.ts";
import { posterior } from "./posterior.ts";
import { smoothKernels } from "./smooth-kernels.ts";

const full: Covariance = {
  noise: 0.1,
  level: 0.3,
  cycle: 0.4,
  period: 6,
  cycle_length: 0.8,
  cycle_memory: 20,
  smooth: 0.2,
  smooth_length: 3,
  smooth_kernel: "matern-5/2",
};

testPrior(() => gaussianProcess({ ...full, mean: [0.4, 0.6] }), { shape: [3, 9, 2] });
testPrior(() => gaussianProcess(), { shape: [2, 5, 1] });

function energy(prior: ReturnType<typeof gaussianProcess>, x: NdArray): number {
  return interpret(graph({}, { energy: prior.energy(constant(x.data, x.shape)) }), {}).energy!.data[0]!;
}

const curve = (values: readonly number[]): NdArray => ({
  shape: [1, values.length, 1],
  data: Float64Array.from(values),
});

describe("the covariance", () => {
  test("is the sum of its parts, by hand", () => {
    const k = autocovariance({ ...full, smooth_kernel: "matern-1/2" }, 10);
    expect(k[0]).toBeCloseTo(0.01 + 0.09 + 0.16 + 0.04, 15);
    const half = 0.16 * Math.exp(-2 / 0.64) * Math.exp(-9 / 800);
    expect(k[3]).toBeCloseTo(0.09 + half + 0.04 * Math.exp(-1), 15);
    expect(k[6]).toBeCloseTo(0.09 + 0.16 * Math.exp(-36 / 800) + 0.04 * Math.exp(-2), 15);
  });
  test.each(Object.keys(smoothKernels) as (keyof typeof smoothKernels)[])("%s starts at 1 and falls", (name) => {
    const { at } = smoothKernels[name];
    expect(at(0)).toBe(1);
    const values = [0, 0.5, 1, 2, 4].map(at);
    expect(values).toEqual([...values].sort((a, b) => b - a));
  });
  test.each(Object.keys(smoothKernels) as (keyof typeof smoothKernels)[])(
    "its derivatives agree with differences (%s)",
    (smooth_kernel) => {
      const at: Covariance = { ...full, smooth_kernel };
      for (const [name, slope] of Object.entries(autocovarianceByLog(at, 12)) as [keyof typeof full, Float64Array][]) {
        const moved = (by: number): Float64Array =>
          autocovariance({ ...at, [name]: (at[name] as number) * Math.exp(by) }, 12);
        const [up, down] = [moved(1e-5), moved(-1e-5)];
        for (let lag = 0; lag < 12; lag++) expect(slope[lag], name).toBeCloseTo((up[lag]! - down[lag]!) / 2e-5, 8);
      }
    },
  );
});

describe("innovations", () => {
  const stiff: Covariance = {
    ...full,
    noise: 1e-3,
    level: 0.3,
    cycle: 0.2,
    smooth_kernel: "gaussian",
    smooth_length: 40,
  };
  test.each([
    ["a mixed one", full, 40, 1e-10],
    ["the longest curves and the least noise of a fit", stiff, 192, 1e-6],
  ])("whiten the covariance, %s: L K Lᵀ = I, and log det K = −2 Σ log L_tt", (_, of, n, tolerance) => {
    const k = autocovariance(of, n);
    const { rows, logDeterminant } = innovations(k);
    const covariance = {
      rows: n,
      cols: n,
      data: Float64Array.from({ length: n * n }, (_, i) => k[Math.abs(Math.floor(i / n) - (i % n))]!),
    };
    const white = multiply(multiply(rows, covariance), rows, { transposeB: true });
    const errors = white.data.map((value, i) => Math.abs(value - (i % (n + 1) === 0 ? 1 : 0)));
    expect(Math.max(...errors)).toBeLessThan(tolerance);
    const diagonal = Array.from({ length: n }, (_, t) => Math.log(rows.data[t * n + t]!));
    expect(logDeterminant).toBeCloseTo(-2 * diagonal.reduce((a, b) => a + b, 0), 10);
  });
  test("of a first-order autoregression look one step back", () => {
    const { rows } = innovations(
      autocovariance({ ...full, noise: 1e-9, level: 0, cycle: 0, smooth: 1, smooth_kernel: "matern-1/2" }, 4),
    );
    const a = Math.exp(-1 / 3);
    const scale = 1 / Math.sqrt(1 - a * a);
    [1, 0, 0, 0, -a * scale, scale, 0, 0, 0, -a * scale, scale, 0, 0, 0, -a * scale, scale].forEach((value, i) => {
      expect(rows.data[i]).toBeCloseTo(value, 8);
    });
  });
  test("a covariance that leaves nothing to chance is refused with what to do", () => {
    expect(() => innovations([1, 1, 1])).toThrow(
      expect.objectContaining({ code: "not-positive-definite", message: expect.stringContaining('more "noise"') }),
    );
  });
});

describe("the energy", () => {
  test("is ½ (x − μ)ᵀ K⁻¹ (x − μ), two steps by hand", () => {
    const prior = gaussianProcess({ mean: 0.5, noise: 0.1, smooth: 0.2, smooth_length: 2, smooth_kernel: "gaussian" });
    const [a, c] = [0.05, 0.04 * Math.exp(-1 / 8)];
    const [u, v] = [0.3 - 0.5, 0.9 - 0.5];
    expect(energy(prior, curve([0.3, 0.9]))).toBeCloseTo(
      (a * u * u - 2 * c * u * v + a * v * v) / (a * a - c * c) / 2,
      10,
    );
  });
  test("adds up over items and columns, each with its own mean", () => {
    const prior = gaussianProcess({ ...full, mean: [0.2, 0.7] });
    const joined = { shape: [1, 3, 2], data: Float64Array.of(0.1, 0.9, 0.2, 0.8, 0.3, 0.6) };
    const first = energy(gaussianProcess({ ...full, mean: 0.2 }), curve([0.1, 0.2, 0.3]));
    const second = energy(gaussianProcess({ ...full, mean: 0.7 }), curve([0.9, 0.8, 0.6]));
    expect(energy(prior, joined)).toBeCloseTo(first + second, 10);
  });
  test("is that of the rows L that a least-squares solver adds to its own", () => {
    const prior = gaussianProcess(full);
    const rows = priorRows(prior, 5);
    const x = [0.1, 0.7, 0.4, 0.5, 0.2];
    const white = multiply(rows, { rows: 5, cols: 1, data: Float64Array.from(x, (value) => value - 0.5) });
    expect(white.data.reduce((total, value) => total + value * value, 0) / 2).toBeCloseTo(energy(prior, curve(x)), 10);
  });
});

test("draws have the mean and the covariance of the process", () => {
  const prior = gaussianProcess({ ...full, mean: [0.2, 0.8] });
  const [draws, steps] = [4000, 8];
  const { data } = prior.sample([draws, steps, 2], rng("draws"));
  const k = autocovariance(full, steps);
  const value = (b: number, t: number, f: number): number => data[(b * steps + t) * 2 + f]! - [0.2, 0.8][f]!;
  const average = (of: (b: number) => number): number =>
    Array.from({ length: draws }, (_, b) => of(b)).reduce((a, b) => a + b, 0) / draws;
  // Four standard errors: √(k₀/N) of a mean, at most k₀ √(2/N) of a covariance.
  for (const [t, u] of [
    [0, 0],
    [7, 7],
    [0, 6],
    [2, 5],
  ] as const) {
    for (const f of [0, 1]) {
      expect(Math.abs(average((b) => value(b, t, f)))).toBeLessThan(4 * Math.sqrt(k[0]! / draws));
      const found = average((b) => value(b, t, f) * value(b, u, f));
      expect(Math.abs(found - k[Math.abs(t - u)]!)).toBeLessThan(4 * k[0]! * Math.sqrt(2 / draws));
    }
  }
  expect(Math.abs(average((b) => value(b, 3, 0) * value(b, 3, 1)))).toBeLessThan((4 * k[0]!) / Math.sqrt(draws));
});

describe("the posterior", () => {
  test("of two steps by hand, and of none", async () => {
    const prior = gaussianProcess({ mean: 0.5, noise: 0.1, smooth: 0.2, smooth_length: 2, smooth_kernel: "gaussian" });
    const [a, c] = [0.05, 0.04 * Math.exp(-1 / 8)];
    const { mean, std } = await posterior(prior, { known: new Map([[1, 0.9]]), length: 2 });
    expect(mean[0]).toBeCloseTo(0.5 + (c / a) * 0.4, 12);
    expect(std[0]).toBeCloseTo(Math.sqrt(a - (c * c) / a), 12);
    expect([mean[1], std[1]]).toEqual([0.9, 0]);
    const free = await posterior(prior, { known: new Map(), length: 3 });
    expect(Array.from(free.mean)).toEqual([0.5, 0.5, 0.5]);
    for (const value of free.std) expect(value).toBeCloseTo(Math.sqrt(a), 12);
  });
  test("is where the energy has its minimum, with the curvature that the bands say", async () => {
    const prior = gaussianProcess(full);
    const known = new Map([
      [0, 0.2],
      [1, 0.4],
      [4, 0.9],
    ]);
    const { mean, std } = await posterior(prior, { known, length: 6 });
    const at = (step: number, by: number): number =>
      energy(prior, curve(Array.from(mean, (value, t) => (t === step ? value + by : value))));
    for (const step of [2, 3, 5]) {
      const slope = (at(step, 1e-4) - at(step, -1e-4)) / 2e-4;
      expect(Math.abs(slope)).toBeLessThan(1e-6);
      // Alone the step would be at least as sure as the rest makes it.
      const curvature = (at(step, 1e-2) - 2 * at(step, 0) + at(step, -1e-2)) / 1e-4;
      expect(1 / Math.sqrt(curvature)).toBeLessThanOrEqual(std[step]! * (1 + 1e-6));
    }
  });
  test("its 90 % bands hold 90 % of what is drawn", async () => {
    const prior = gaussianProcess(full);
    const steps = 12;
    const { data } = prior.sample([400, steps, 1], rng("bands"));
    let [inside, all] = [0, 0];
    for (let b = 0; b < 400; b++) {
      const known = new Map(Array.from({ length: 8 }, (_, t) => [t, data[b * steps + t]!]));
      const { mean, std } = await posterior(prior, { known, length: steps });
      for (let t = 8; t < steps; t++) {
        all++;
        if (Math.abs(data[b * steps + t]! - mean[t]!) < 1.6448536 * std[t]!) inside++;
      }
    }
    // The four unknown steps of a draw are nearly one: four standard errors of 400 independent ones.
    expect(Math.abs(inside / all - 0.9)).toBeLessThan(4 * Math.sqrt(0.09 / 400));
  });
  test("refuses what is not on the curve", async () => {
    const prior = gaussianProcess({ mean: [0.1, 0.2] });
    const refused = { code: "bad-option" };
    await expect(posterior(prior, { known: new Map([[3, 0.1]]), length: 3 })).rejects.toMatchObject(refused);
    await expect(posterior(prior, { known: new Map([[0, Number.NaN]]), length: 3 })).rejects.toMatchObject(refused);
    await expect(posterior(prior, { known: new Map(), length: 3, column: 2 })).rejects.toMatchObject(refused);
    expect((await posterior(prior, { known: new Map(), length: 1, column: 1 })).mean[0]).toBe(0.2);
  });
});

test("the marginal likelihood of two steps by hand, and its derivatives", () => {
  const two = { ...full, cycle: 0, level: 0, smooth_kernel: "gaussian" } as const;
  const [a, c] = [0.05, 0.04 * Math.exp(-1 / 18)];
  const quadratic = (a * 0.04 - 2 * c * -0.2 * 0.3 + a * 0.09) / (a * a - c * c);
  const found = marginalLikelihood(two, [Float64Array.of(-0.2, 0.3)]);
  expect(found.nats).toBeCloseTo(quadratic / 2 + Math.log(a * a - c * c) / 2 + Math.log(2 * Math.PI), 10);
  const { data } = gaussianProcess({ ...full, mean: 0 }).sample([3, 16, 1], rng(2));
  const curves = [0, 1, 2].map((b) => Float64Array.from(data.slice(16 * b, 16 * (b + 1))));
  const at = marginalLikelihood(full, curves);
  for (const [name, slope] of Object.entries(at.byLog) as [keyof typeof full, number][]) {
    const moved = (by: number): number =>
      marginalLikelihood({ ...full, [name]: (full[name] as number) * Math.exp(by) }, curves).nats;
    expect(slope, name).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 5);
  }
});

test("numbers that were fitted to a public series stand for those that are not said", () => {
  const births = gaussianProcess({ fitted_to: "us-births", level: 0.3 }).options;
  expect(births).toMatchObject({ period: 7, level: 0.3, smooth_kernel: "matern-3/2" });
  expect(gaussianProcess(births).options).toEqual(births);
  const { data } = gaussianProcess({ fitted_to: "us-births" }).sample([200, 15, 1], rng("weeks"));
  // Draws of weekly series are alike a week apart, and half a week apart are not.
  const meanSquare = (lag: number): number =>
    Array.from({ length: 200 }, (_, b) => (data[b * 15]! - data[b * 15 + lag]!) ** 2).reduce((a, b) => a + b, 0) / 200;
  expect(meanSquare(7)).toBeLessThan(0.3 * meanSquare(3));
});

test.each([
  [() => gaussianProcess({ fitted_to: "sunspots" as never }), '"fitted_to" must be one of "us-births"'],
  [() => gaussianProcess({ cycle: 0.2 }), '"period" must be the number of steps of one cycle'],
  [() => gaussianProcess({ noise: 0 }), '"noise" must be a number above 0'],
  [() => gaussianProcess({ smooth_kernel: "matern" as never }), '"smooth_kernel" must be one of'],
  [() => gaussianProcess({ mean: [] }), '"mean" must be a number, or a list'],
  [() => energy(gaussianProcess({ mean: [0.1, 0.2] }), curve([1, 2])), "a list of 1, one a column"],
])("what does not fit is said (case %#)", (use, message) => {
  expect(use).toThrow(expect.objectContaining({ code: "bad-option", message: expect.stringContaining(message) }));
});
