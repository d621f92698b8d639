import { onnxruntime } from "@recon/engine";
import { trainDigitsDenoiser } from "./train-denoiser.ts";
import { trainDigitsGenerator } from "./train-generator.ts";

// Trains the weights of this package anew, or those of the `denoiser` or the `generator` alone; a run that was stopped goes on. One thread: equal seeds then give equal bytes.
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const executor = onnxruntime({ threads: 1 });
const wanted = process.argv[2];
if (wanted !== "generator") say(await trainDigitsDenoiser(executor, say));
if (wanted !== "denoiser") say(await trainDigitsGenerator(executor, say));
