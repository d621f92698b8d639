import { mul, reshape, type Tensor } from "@recon/engine";
import { expect, test } from "vitest";
import type { DenoiserPrior } from "../problem.ts";
import { referenceExecutor } from "../testing/reference-executor.ts";
import { compileDenoiser } from "./denoiser.ts";

const denoiser = (denoise: DenoiserPrior["denoise"]): DenoiserPrior => ({
  kind: "denoiser",
  name: "test",
  options: {},
  denoise,
  sigmaRange: [0.1, 2],
});

test("denoises, pulls back and keeps to its range", async () => {
  const halved = await compileDenoiser(
    denoiser((y) => mul(y, 0.5)),
    [1, 2],
    referenceExecutor(),
  );
  const y = { shape: [1, 2], data: Float64Array.of(2, -4) };
  expect(Array.from((await halved.denoise(y, 1)).data)).toEqual([1, -2]);
  const { denoised, pulled } = await halved.pullback(y, 1, async (x) => x);
  expect([Array.from(denoised.data), Array.from(pulled.data)]).toEqual([
    [1, -2],
    [0.5, -1],
  ]);
  expect([halved.within(0), halved.within(9), halved.within(1)]).toEqual([0.1, 2, 1]);
  await halved.dispose();
});

test("takes one level for all items, or one an item", async () => {
  const scaled = await compileDenoiser(
    denoiser((y, sigma) => mul(y, reshape(sigma, [2, 1]))),
    [2, 2],
    referenceExecutor(),
  );
  const y = { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) };
  expect(Array.from((await scaled.denoise(y, 0.5)).data)).toEqual([0.5, 1, 1.5, 2]);
  expect(Array.from((await scaled.denoise(y, [0.5, 2])).data)).toEqual([0.5, 1, 6, 8]);
  await scaled.dispose();
});

test("one that returns NaN, or another shape, is named", async () => {
  const broken = await compileDenoiser(
    denoiser((y: Tensor) => mul(y, Number.NaN)),
    [1, 2],
    referenceExecutor(),
  );
  const y = { shape: [1, 2], data: Float64Array.of(1, 1) };
  await expect(broken.denoise(y, 0.5)).rejects.toThrow(/The denoiser "test" returns NaN or an infinity at σ = 0.5/);
  await expect(
    compileDenoiser(
      denoiser((value) => reshape(value, [2, 1])),
      [1, 2],
      referenceExecutor(),
    ),
  ).rejects.toThrow(/makes \[2, 1\] of \[1, 2\]; it must keep the shape/);
});
