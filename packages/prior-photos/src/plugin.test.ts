import { readFileSync } from "node:fs";
import { compileDenoiser, rng } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { photographList, photographs, psnr } from "@recon/vision";
import { expect, test } from "vitest";
import { photosDenoiser } from "./denoiser.ts";
import plugin from "./plugin.ts";
import { auditPhotographs, trainingPhotographs } from "./split.ts";

test("the README names every prior", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  for (const name of Object.keys(plugin.priors ?? {})) expect(readme).toContain(`\`${name}\``);
});

test("training and audit share no photograph and are all of them; which is which was drawn", () => {
  const names = photographList.map(({ name }) => name);
  expect([...trainingPhotographs, ...auditPhotographs].sort()).toEqual([...names].sort());
  const drawn = rng("prior-photos split")
    .permutation(8)
    .slice(0, 3)
    .map((i) => names[i]);
  expect(auditPhotographs).toEqual(drawn);
});

test("takes at least 8 dB of noise at a fifth of the pixel range off photographs that it has not seen, of sides that are no multiples of four", async () => {
  const executor = onnxruntime();
  const [source, prior, sigma] = [photographs({ size: 38, names: auditPhotographs }), photosDenoiser(), 0.2];
  const { std } = source.domain.normalisation;
  const level = sigma / (std.reduce((total, value) => total + value, 0) / std.length);
  const compiled = await compileDenoiser(prior, [1, 3, 38, 38], executor);
  const data = await source.open();
  let gain = 0;
  for (let i = 0; i < 6; i++) {
    const { input } = await data.item(7 * i);
    const stream = rng(`photograph ${i}`);
    const noisy = Float64Array.from(input.data, (value) => value + level * stream.normal());
    const score = (values: Float64Array): number =>
      psnr(source.domain.pixels({ shape: input.shape, data: values }), source.domain.pixels(input));
    const { data: denoised } = await compiled.denoise({ shape: [1, 3, 38, 38], data: noisy }, level);
    gain += (score(Float64Array.from(denoised)) - score(noisy)) / 6;
  }
  expect(gain).toBeGreaterThan(8);
  await compiled.dispose();
  await executor.dispose();
});

test("what does not fit is said", () => {
  expect(() => photosDenoiser({ men: [0] } as object)).toThrow('no option "men"');
  expect(() => photosDenoiser({ mean: [0.1], std: [0.3] })).toThrow(/one of 3 channels; it was given 1 means and 1/);
});
