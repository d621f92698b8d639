import { fileURLToPath } from "node:url";
import type { Executor } from "@recon/engine";
import { runTraining, trainDenoiser } from "@recon/vision";
import { meanName, plan, sigmaRange } from "../denoiser.ts";
import { digitImages, meanOf, movedDigit } from "./digit-images.ts";

const [seed, batchSize, steps, rate] = [1, 32, 1500, 2e-3];

/** Trains the denoiser's weights anew: about three minutes of processor time. */
export async function trainDigitsDenoiser(executor: Executor, say: (line: string) => void): Promise<string> {
  const images = await digitImages("priorTraining");
  const { sha256, seconds } = await runTraining({
    weights: fileURLToPath(new URL("../../weights/denoiser.safetensors", import.meta.url)),
    say,
    also: { [meanName]: meanOf(images) },
    train: (resume) =>
      trainDenoiser({
        ...{ plan, sigmaRange, batchSize, steps, rate, seed, executor },
        draw: (rng) => movedDigit(images, rng),
        ...(resume && { resume }),
      }),
  });
  return `denoiser: sha256 ${sha256}, ${seconds.toFixed(0)} s of processor time`;
}
