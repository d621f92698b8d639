import { fileURLToPath } from "node:url";
import { onnxruntime } from "@recon/engine";
import { runTraining, trainDenoiser } from "@recon/vision";
import { meanName, plan, sigmaRange } from "../denoiser.ts";
import { meanColour, patchOf, scaledCrops } from "./photograph-patches.ts";

// Trains the weights of this package anew; a run that was stopped goes on. One thread: equal seeds then give equal bytes.
const [seed, batchSize, steps, rate] = [1, 32, 3000, 2e-3];

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const crops = await scaledCrops();
const executor = onnxruntime({ threads: 1 });
const { sha256, seconds } = await runTraining({
  weights: fileURLToPath(new URL("../../weights/denoiser.safetensors", import.meta.url)),
  say,
  also: { [meanName]: meanColour(crops) },
  train: (resume) =>
    trainDenoiser({
      ...{ plan, sigmaRange, batchSize, steps, rate, seed, executor },
      draw: (rng) => patchOf(crops, rng),
      ...(resume && { resume }),
    }),
});
say(`denoiser: sha256 ${sha256}, ${seconds.toFixed(0)} s of processor time`);
