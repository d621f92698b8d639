import type { NdArray } from "@recon/engine";
import { expect, test } from "vitest";
import { rng } from "../random.ts";
import { noiseLevels } from "./noise-levels.ts";
import type { Objective } from "./objective.ts";
import { plugAndPlay } from "./plug-and-play.ts";
import { posteriorSampling } from "./posterior-sampling.ts";

/** Entries N(0, s²), seen as y with noise N(0, τ²): the posterior mean is y s² / (s² + τ²), its variance s² τ² / (s² + τ²). */
const [prior, noise, observed] = [2, 0.5, Float64Array.of(3, -1, 0.4)];
const shape = [3];
const posteriorMean = observed.map((y) => (y * prior ** 2) / (prior ** 2 + noise ** 2));

const objective: Objective = async ({ input }) => {
  const gradient = observed.map((y, i) => (input!.data[i]! - y) / noise ** 2);
  const value = gradient.reduce((sum, g) => sum + 0.5 * (g * noise) ** 2, 0);
  return { value, gradient: { input: { shape, data: gradient } } };
};
const shrunk = (y: NdArray, sigma: number): NdArray => ({
  shape,
  data: Float64Array.from(y.data, (value) => (value * prior ** 2) / (prior ** 2 + sigma ** 2)),
});
const setting = {
  ...{ objective, start: { shape, data: new Float64Array(3) }, curvature: 1 / noise ** 2, inner: 20 },
  evaluations: 10_000,
  memory: { s: [], y: [], rho: [] },
  denoise: async (y: NdArray, sigma: number) => shrunk(y, sigma),
};

test("with a Gaussian's exact denoiser and λ = 1 it ends at the posterior mean", async () => {
  const levels = [...noiseLevels(2, 0.2, 20), ...new Array<number>(60).fill(0.2)];
  let found: NdArray | undefined;
  for await (const { x } of plugAndPlay({ ...setting, levels, pull: 1 })) found = x;
  found!.data.forEach((value, i) => {
    expect(Math.abs(value - posteriorMean[i]!)).toBeLessThan(0.03);
  });
});

test("ends early when the evaluations are spent, and at once when aborted", async () => {
  let steps = 0;
  for await (const { evaluations } of plugAndPlay({
    ...setting,
    levels: noiseLevels(1, 0.1, 9),
    pull: 1,
    evaluations: 50,
  })) {
    steps++;
    expect(evaluations).toBeLessThanOrEqual(50);
  }
  expect(steps).toBe(3);
  const controller = new AbortController();
  controller.abort();
  for await (const _ of plugAndPlay({ ...setting, levels: [1], pull: 1, signal: controller.signal })) {
    throw new Error("It went on although it was aborted.");
  }
});

test("posterior sampling draws from a Gaussian's posterior: its mean, and its spread within a fifth", async () => {
  const random = rng(11);
  const pullback = async (
    y: NdArray,
    sigma: number,
    cotangent: (denoised: NdArray) => Promise<NdArray>,
  ): Promise<{ denoised: NdArray; pulled: NdArray }> => {
    const denoised = shrunk(y, sigma);
    return { denoised, pulled: shrunk(await cotangent(denoised), sigma) };
  };
  const [draws, sum, squares] = [400, [0, 0, 0], [0, 0, 0]];
  for (let draw = 0; draw < draws; draw++) {
    let found: NdArray | undefined;
    const levels = noiseLevels(10, 0.05, 40);
    const { curvature, memory } = setting;
    const walk = { objective, pullback, centre: setting.start, levels, curvature, memory, evaluations: 6 };
    const stream = random.split(`draw ${draw}`);
    for await (const { x } of posteriorSampling({ ...walk, rng: stream })) found = x;
    found!.data.forEach((value, i) => {
      sum[i] = sum[i]! + value / draws;
      squares[i] = squares[i]! + value ** 2 / draws;
    });
  }
  const spread = (prior * noise) / Math.hypot(prior, noise);
  for (let i = 0; i < 3; i++) {
    expect(Math.abs(sum[i]! - posteriorMean[i]!)).toBeLessThan(0.15);
    const std = Math.sqrt(squares[i]! - sum[i]! ** 2);
    expect(Math.abs(std / spread - 1)).toBeLessThan(0.2);
  }
});
