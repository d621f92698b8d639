import { readFileSync } from "node:fs";
import { compileDenoiser, rng } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { digits, psnr } from "@recon/vision";
import { expect, test } from "vitest";
import { digitsDenoiser } from "./denoiser.ts";
import plugin from "./plugin.ts";
import { split } from "./split.ts";

test("the README names every prior", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  for (const name of Object.keys(plugin.priors ?? {})) expect(readme).toContain(`\`${name}\``);
});

test("the parts of the split do not overlap and are all of the digits", () => {
  const parts = Object.values(split).sort(([a], [b]) => a - b);
  expect(parts[0]![0]).toBe(0);
  expect(parts.at(-1)![1]).toBe(10_000);
  for (const [i, [, end]] of parts.slice(0, -1).entries()) expect(parts[i + 1]![0]).toBe(end);
});

test("takes at least 7 dB of noise at half of the pixel range off digits that it has not seen", async () => {
  const executor = onnxruntime();
  const [source, prior, sigma] = [digits({ count: 2000 }), digitsDenoiser(), 0.5];
  const unit = source.domain.normalisation.std[0]!;
  const compiled = await compileDenoiser(prior, [1, 1, 28, 28], executor);
  const data = await source.open();
  let gain = 0;
  for (let i = 0; i < 10; i++) {
    const { input } = await data.item(101 * i);
    const stream = rng(`digit ${i}`);
    const noisy = Float64Array.from(input.data, (value) => value + (sigma / unit) * stream.normal());
    const score = (values: Float64Array): number =>
      psnr(source.domain.pixels({ shape: input.shape, data: values }), source.domain.pixels(input));
    const { data: denoised } = await compiled.denoise({ shape: [1, 1, 28, 28], data: noisy }, sigma / unit);
    gain += (score(Float64Array.from(denoised)) - score(noisy)) / 10;
  }
  expect(gain).toBeGreaterThan(7);
  await compiled.dispose();
  await executor.dispose();
});
