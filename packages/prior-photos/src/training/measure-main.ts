import { fileURLToPath } from "node:url";
import { compileDenoiser, rng, stack, writeFileAtomically } from "@recon/core";
import { type NdArray, onnxruntime, sizeOf } from "@recon/engine";
import { imageSheet, measureDenoiser, photographs } from "@recon/vision";
import { photosDenoiser } from "../denoiser.ts";
import { auditPhotographs, trainingPhotographs } from "../split.ts";

// Prints the model card's table: noise of 10, 25 and 50 of 255.
const [count, executor] = [40, onnxruntime({ threads: 1 })];
const crops = (names: readonly string[]) => photographs({ size: 32, count, names });
const some = async (source: ReturnType<typeof crops>): Promise<readonly NdArray[]> => {
  const data = await source.open();
  return Promise.all(Array.from({ length: count }, async (_, i) => (await data.item(i)).input));
};
const source = crops(auditPhotographs);
const [tuning, audit] = [await some(crops(trainingPhotographs)), await some(source)];
const prior = photosDenoiser();
for (const level of [10, 25, 50, 75]) {
  const options = { prior, domain: source.domain, tuning: tuning.slice(0, 10), audit, sigma: level / 255, executor };
  const { noisy, totalVariation, denoiser } = await measureDenoiser(options);
  const cells = [noisy, totalVariation, denoiser].map((value) => value.toFixed(2)).join(" | ");
  process.stdout.write(`| ${level}/255 | ${cells} |\n`);
}

// Samples: clean, noisy and denoised crops of photographs that were not trained on.
const [columns, sigma, random] = [9, 0.4, rng("samples")];
const shape = [columns, ...source.domain.shape];
const clean = audit.slice(0, columns);
const noisy = clean.map(({ shape: of, data }) => ({ shape: of, data: data.map((v) => v + sigma * random.normal()) }));
const compiled = await compileDenoiser(prior, shape, executor);
const { data } = await compiled.denoise(stack(noisy), sigma);
const size = sizeOf(source.domain.shape);
const denoised = clean.map(({ shape: of }, b) => ({ shape: of, data: data.slice(b * size, (b + 1) * size) }));
const sheet = await imageSheet([clean, noisy, denoised], source.domain);
writeFileAtomically(fileURLToPath(new URL("../../docs/samples.png", import.meta.url)), sheet);
await compiled.dispose();
await executor.dispose();
