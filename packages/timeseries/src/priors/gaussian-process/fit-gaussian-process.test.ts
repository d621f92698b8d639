import { rng } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { usBirths } from "../../data/us-births.ts";
import type { Covariance } from "./covariance-options.ts";
import { curveOf } from "./curve-of.ts";
import { fitGaussianProcess } from "./fit-gaussian-process.ts";
import { type GaussianProcessOptions, gaussianProcess } from "./gaussian-process.ts";
import { marginalLikelihood } from "./marginal-likelihood.ts";
import { posterior } from "./posterior.ts";

/** Draws of a process as windows [T]. */
function drawn(options: GaussianProcessOptions, count: number, steps: number, seed: string): NdArray[] {
  const { data } = gaussianProcess(options).sample([count, steps, 1], rng(seed));
  return Array.from({ length: count }, (_, b) => ({ shape: [steps], data: data.slice(b * steps, (b + 1) * steps) }));
}

describe("of draws of a known process", () => {
  const truth: Covariance & { readonly mean: number } = {
    ...{ mean: 0.4, noise: 0.03, level: 0.1, smooth: 0.1, smooth_length: 4 },
    ...{ cycle: 0.2, period: 8, cycle_length: 1, cycle_memory: 60 },
    smooth_kernel: "matern-3/2",
  };
  test("it is at least as likely as the truth, and close to it", async () => {
    const windows = drawn(truth, 40, 40, "fit");
    const { prior, logDensity } = await fitGaussianProcess(windows, { period: 8, smooth_kernel: "matern-3/2" });
    const mean = prior.options.mean as number;
    const curves = windows.map(({ data }) => Float64Array.from(data, (value) => value - mean));
    const ofTruth = -marginalLikelihood(gaussianProcess(truth).options, curves).nats / (40 * 40);
    expect(logDensity).toBeGreaterThan(ofTruth - 1e-6);
    // Seven numbers from 1600 values: each gains half a nat on the average, ten of them are beyond chance.
    expect(logDensity).toBeLessThan(ofTruth + 10 / 1600);
    for (const name of ["noise", "cycle", "smooth", "smooth_length", "cycle_length"] as const) {
      expect(prior.options[name] / truth[name], name).toBeGreaterThan(1 / 1.6);
      expect(prior.options[name] / truth[name], name).toBeLessThan(1.6);
    }
    expect(Math.abs(mean - 0.4)).toBeLessThan((4 * 0.11) / Math.sqrt(40));
    expect(gaussianProcess(JSON.parse(JSON.stringify(prior.options))).options).toEqual(prior.options);
  });
  test("it tells rough paths from smooth ones", async () => {
    const smooth = { noise: 0.01, smooth: 0.2, smooth_length: 15, level: 0.05 };
    for (const smooth_kernel of ["matern-1/2", "gaussian"] as const) {
      const { prior } = await fitGaussianProcess(drawn({ ...smooth, smooth_kernel }, 20, 40, smooth_kernel));
      expect(prior.options.smooth_kernel).toBe(smooth_kernel);
      expect(prior.options.cycle).toBe(0);
    }
  });
  test("columns have means of their own and one covariance", async () => {
    const [low, high] = [drawn({ ...truth, mean: 0.2 }, 12, 24, "low"), drawn({ ...truth, mean: 0.9 }, 12, 24, "high")];
    const both = low.map(({ data }, i) => ({
      shape: [24, 2],
      data: Float64Array.from({ length: 48 }, (_, k) => (k % 2 === 0 ? data : high[i]!.data)[k >> 1]!),
    }));
    const { prior } = await fitGaussianProcess(both, { period: 8, smooth_kernel: "matern-3/2" });
    const means = prior.options.mean as readonly number[];
    expect(Math.abs(means[0]! - 0.2)).toBeLessThan(0.15);
    expect(Math.abs(means[1]! - 0.9)).toBeLessThan(0.15);
  });
});

test("of years of births, it forecasts other years better than the week before does, with honest bands", async () => {
  const source = await usBirths({ observed: 28, horizon: 7 }).open();
  const training = source.training!;
  const picked = Array.from({ length: 30 }, (_, i) => Math.floor((i * training.size) / 30));
  const windows = await Promise.all(picked.map(async (index) => curveOf(await training.item(index))));
  const { prior } = await fitGaussianProcess(windows, { period: 7, smooth_kernel: "matern-1/2" });
  let [ours, before, inside, all] = [0, 0, 0, 0];
  for (let index = 0; index < source.size; index += 5) {
    const { input, target, guess } = await source.item(index);
    const known = new Map(Array.from(input.data, (value, t) => [t, value]));
    const { mean, std } = await posterior(prior, { known, length: 35 });
    target.data.forEach((value, h) => {
      ours += (mean[28 + h]! - value) ** 2;
      before += (guess!.target.data[h]! - value) ** 2;
      if (Math.abs(mean[28 + h]! - value) < 1.6448536 * std[28 + h]!) inside++;
      all++;
    });
  }
  expect(Math.sqrt(ours / all)).toBeLessThan(0.85 * Math.sqrt(before / all));
  expect(inside / all).toBeGreaterThan(0.8);
  expect(inside / all).toBeLessThan(0.98);
});

test.each([
  [[], {}, "bad-data", "[T] or [T, F]"],
  [
    [
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4],
    ],
    {},
    "bad-data",
    "not [5] and [4]",
  ],
  [[[1, 2, 3]], {}, "bad-data", "T ≥ 4"],
  [[[1, 1, 1, 1]], {}, "bad-data", "never change"],
  [[[1, 2, Number.NaN, 4]], {}, "bad-data", "not finite"],
  [[[1, 2, 3, 4]], { period: 1 }, "bad-option", '"period" must be a whole number of at least 2'],
] as const)("what it cannot be fitted to is said (case %#)", async (values, options, code, message) => {
  const windows = values.map((data) => ({ shape: [data.length], data: Float64Array.from(data) }));
  await expect(fitGaussianProcess(windows, options)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});
