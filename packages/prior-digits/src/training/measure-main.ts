import { fileURLToPath } from "node:url";
import { compileDenoiser, noiseLevels, posteriorSampling, rng, stack, writeFileAtomically } from "@recon/core";
import { type NdArray, onnxruntime, sizeOf } from "@recon/engine";
import { digits, imageSheet, measureDenoiser } from "@recon/vision";
import { digitsDenoiser } from "../denoiser.ts";
import { digitsGenerator } from "../generator.ts";
import { split } from "../split.ts";
import { digitImages } from "./digit-images.ts";
import { measureGenerator } from "./measure-generator.ts";

// Prints the model card's table: noise of 10, 25 and 50 of 255, and of the audits.
const [count, executor, source] = [40, onnxruntime({ threads: 1 }), digits()];
const data = await source.open();
const some = async ([first]: readonly [number, number]): Promise<readonly NdArray[]> =>
  Promise.all(Array.from({ length: count }, async (_, i) => (await data.item(first + 7 * i)).input));
const [tuning, audit] = [await some(split.tuning), await some(split.audit)];
const prior = digitsDenoiser();
for (const level of [10, 25, 50, 100]) {
  const options = { prior, domain: source.domain, tuning: tuning.slice(0, 10), audit, sigma: level / 255, executor };
  const { noisy, totalVariation, denoiser } = await measureDenoiser(options);
  const cells = [noisy, totalVariation, denoiser].map((value) => value.toFixed(2)).join(" | ");
  process.stdout.write(`| ${level}/255 | ${cells} |\n`);
}

// Mean squared error of the nearest digit that the generator makes, and of 16 principal components.
const pixels = {
  training: (await digitImages("priorTraining")).slice(0, 3000),
  audit: (await digitImages("audit")).slice(0, 200),
};
const { generator, components } = await measureGenerator(pixels, executor);
process.stdout.write(`generator ${generator.toFixed(4)}, principal components ${components.toFixed(4)}\n`);

// Samples: clean, noisy and denoised digits, what the denoiser makes of nothing but noise, and what the generator makes.
const [columns, sigma, random] = [10, 1.3, rng("samples")];
const shape = [columns, ...source.domain.shape];
const clean = audit.slice(0, columns);
const noisy = clean.map(({ shape: of, data }) => ({ shape: of, data: data.map((v) => v + sigma * random.normal()) }));
const compiled = await compileDenoiser(prior, shape, executor);
const denoised = await compiled.denoise(stack(noisy), sigma);
const walk = posteriorSampling({
  objective: async () => ({ value: 0, gradient: { input: { shape, data: new Float64Array(sizeOf(shape)) } } }),
  pullback: compiled.pullback,
  centre: prior.blind!(shape, random),
  levels: noiseLevels(prior.sigmaRange[1], prior.sigmaRange[0], 60),
  ...{ curvature: 1, memory: { s: [], y: [], rho: [] }, evaluations: 2, rng: random },
});
let drawn = denoised;
for await (const { x } of walk) drawn = x;
const made = digitsGenerator().sample!(shape, random);
const items = (batch: NdArray): readonly NdArray[] => Array.from({ length: columns }, (_, b) => item(batch, b));
const sheet = await imageSheet([clean, noisy, items(denoised), items(drawn), items(made)], source.domain);
writeFileAtomically(fileURLToPath(new URL("../../docs/samples.png", import.meta.url)), sheet);
await compiled.dispose();
await executor.dispose();

function item({ shape: [, ...rest], data }: NdArray, b: number): NdArray {
  const size = sizeOf(rest);
  return { shape: rest, data: data.slice(b * size, (b + 1) * size) };
}
