import { type Rng, rng } from "@recon/core";
import {
  type Arrays,
  adam,
  add,
  type Batches,
  cosineDecay,
  div,
  type Executor,
  mean,
  mul,
  type NdArray,
  reshape,
  sizeOf,
  square,
  sub,
  type TrainingEvent,
  type TrainingState,
  train,
} from "@recon/engine";
import { type DenoisingPlan, denoisingNetwork, denoisingShapes } from "./denoising-network.ts";

export interface TrainDenoiserOptions {
  readonly plan: DenoisingPlan;
  /** A clean training image [C, H, W] on [0, 1], drawn; all of one shape. */
  readonly draw: (rng: Rng) => NdArray;
  /** σ is drawn log-uniformly between these. */
  readonly sigmaRange: readonly [number, number];
  readonly batchSize: number;
  readonly steps: number;
  /** Adam's largest rate; it falls to a hundredth of it along a cosine. */
  readonly rate: number;
  readonly seed: number;
  readonly executor: Executor;
  readonly signal?: AbortSignal;
  readonly resume?: TrainingState;
}

/**
 * Trains a denoising network on (σ² + s²) / (σ s)² ‖D(x + σ n, σ) − x‖², which weighs every noise level alike.
 *
 * Step k's images, noise and levels come from the seed and k alone, so that a resumed run equals an uninterrupted one.
 *
 * @see T. Karras et al., NeurIPS 2022, equation 8.
 */
export function trainDenoiser(options: TrainDenoiserOptions): AsyncGenerator<TrainingEvent, void> {
  const { plan, steps, rate, executor, signal, resume } = options;
  return train({
    parameters: initialWeights(plan, rng(options.seed).split("weights")),
    batches: noisyBatches(options),
    epochs: 1,
    optimiser: adam({ rate: cosineDecay({ rate, warmUp: Math.min(50, steps), final: rate / 100 }) }),
    executor,
    clipNorm: 1,
    loss: (weights, { clean, noisy, sigma }) => {
      const error = square(sub(denoisingNetwork(noisy!, sigma!, weights, plan), clean!));
      const level = square(reshape(sigma!, [sigma!.shape[0]!, 1, 1, 1]));
      const weight = div(add(level, plan.dataStd ** 2), mul(level, plan.dataStd ** 2));
      return mean(mul(error, weight));
    },
    ...(signal && { signal }),
    ...(resume && { resume }),
  });
}

function noisyBatches({ draw, sigmaRange, batchSize, steps, seed }: TrainDenoiserOptions): Batches {
  const [low, high] = sigmaRange;
  return {
    stepsPerEpoch: steps,
    weighted: false,
    at: (_epoch, index) => {
      const stream = rng(seed).split(`batch ${index}`);
      const images = Array.from({ length: batchSize }, () => draw(stream));
      const item = sizeOf(images[0]!.shape);
      const clean = new Float32Array(batchSize * item);
      const noisy = new Float32Array(batchSize * item);
      const sigma = Float32Array.from({ length: batchSize }, () => low * (high / low) ** stream.uniform());
      images.forEach(({ data }, b) => {
        for (let i = 0; i < item; i++) {
          clean[b * item + i] = data[i]!;
          noisy[b * item + i] = data[i]! + sigma[b]! * stream.normal();
        }
      });
      const shape = [batchSize, ...images[0]!.shape];
      const arrays = {
        clean: { shape, data: clean },
        noisy: { shape, data: noisy },
        sigma: { shape: [batchSize], data: sigma },
      };
      return { arrays, examples: batchSize };
    },
  };
}

/** Normal weights of variance 2 / fan-in (He), the last layer's a hundredth of that; biases 0. */
function initialWeights(plan: DenoisingPlan, stream: Rng): Arrays {
  return Object.fromEntries(
    Object.entries(denoisingShapes(plan)).map(([name, shape]): [string, NdArray] => {
      const draw = stream.split(name);
      const spread = name.endsWith(".bias") ? 0 : Math.sqrt(2 / sizeOf(shape.slice(1)));
      const factor = name.startsWith("out.") ? 0.1 * spread : spread;
      return [name, { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => factor * draw.normal()) }];
    }),
  );
}
