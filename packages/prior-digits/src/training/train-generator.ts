import { fileURLToPath } from "node:url";
import { type Rng, rng } from "@recon/core";
import {
  type Arrays,
  adam,
  add,
  type Batches,
  cosineDecay,
  type Executor,
  exp,
  mul,
  type NdArray,
  relu,
  type Shape,
  sizeOf,
  softplus,
  square,
  sub,
  sum,
  train,
} from "@recon/engine";
import { runTraining } from "@recon/vision";
import { meanName } from "../denoiser.ts";
import { decodeLogits, decoderShapes, hiddenSize, latentSize, layer, pixelCount } from "../generator-network.ts";
import { digitImages, meanOf, movedDigit } from "./digit-images.ts";

const [seed, batchSize, steps, rate, warmUp] = [2, 128, 3000, 2e-3, 500];

const encoderShapes: Readonly<Record<string, Shape>> = {
  "encoder 1.weight": [hiddenSize, pixelCount],
  "encoder 1.bias": [hiddenSize],
  "encoder mean.weight": [latentSize, hiddenSize],
  "encoder mean.bias": [latentSize],
  "encoder spread.weight": [latentSize, hiddenSize],
  "encoder spread.bias": [latentSize],
};

/** Trains the generator's weights anew, encoder and decoder together; only the decoder is used afterwards. */
export async function trainDigitsGenerator(executor: Executor, say: (line: string) => void): Promise<string> {
  const images = await digitImages("priorTraining");
  const { sha256, seconds } = await runTraining({
    weights: fileURLToPath(new URL("../../weights/generator.safetensors", import.meta.url)),
    say,
    also: { [meanName]: meanOf(images) },
    keep: Object.keys(decoderShapes),
    train: (resume) =>
      train({
        parameters: initialWeights(rng(seed).split("weights")),
        batches: digitBatches(images),
        epochs: 1,
        optimiser: adam({ rate: cosineDecay({ rate, warmUp: 50, final: rate / 100 }) }),
        executor,
        // −E log p(x | z) − KL(q(z | x) ‖ p(z)) in nats an image; pixels are taken as probabilities.
        loss: (weights, { x, noise, share }) => {
          const hidden = relu(layer("encoder 1", x!, weights));
          const mean = layer("encoder mean", hidden, weights);
          const logStd = layer("encoder spread", hidden, weights);
          const logits = decodeLogits(add(mean, mul(exp(logStd), noise!)), weights);
          const misfit = sum(sub(softplus(logits), mul(x!, logits)), [1]);
          const divergence = sum(sub(mul(add(square(mean), exp(mul(logStd, 2))), 0.5), add(logStd, 0.5)), [1]);
          return add(misfit, mul(divergence, share!));
        },
        ...(resume && { resume }),
      }),
  });
  return `generator: sha256 ${sha256}, ${seconds.toFixed(0)} s of processor time`;
}

/** Moved digits, the noise of the encoder, and the share of the divergence that counts: it rises from 0 to 1 at the beginning. */
function digitBatches(images: readonly Float32Array[]): Batches {
  return {
    stepsPerEpoch: steps,
    weighted: false,
    at: (_epoch, index) => {
      const stream = rng(seed).split(`batch ${index}`);
      const x = new Float32Array(batchSize * pixelCount);
      for (let b = 0; b < batchSize; b++) x.set(movedDigit(images, stream).data, b * pixelCount);
      const noise = Float32Array.from({ length: batchSize * latentSize }, () => stream.normal());
      const share = new Float32Array(batchSize).fill(Math.min(1, index / warmUp));
      const arrays: Arrays = {
        x: { shape: [batchSize, pixelCount], data: x },
        noise: { shape: [batchSize, latentSize], data: noise },
        share: { shape: [batchSize], data: share },
      };
      return { arrays, examples: batchSize };
    },
  };
}

function initialWeights(stream: Rng): Arrays {
  return Object.fromEntries(
    Object.entries({ ...encoderShapes, ...decoderShapes }).map(([name, shape]): [string, NdArray] => {
      const draw = stream.split(name);
      const spread = name.endsWith(".bias") ? 0 : Math.sqrt(1 / shape[1]!);
      return [name, { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => spread * draw.normal()) }];
    }),
  );
}
