import { type GeneratorPrior, ReconError, type Rng, weightsFrom } from "@recon/core";
import { checkOptions, listOf, positive, real } from "@recon/core/options";
import {
  type Arrays,
  constant,
  div,
  graph,
  input,
  interpret,
  mul,
  type NdArray,
  reshape,
  type Shape,
  sigmoid,
  sizeOf,
  square,
  sub,
  sum,
  type Tensor,
  type Tensors,
} from "@recon/engine";
import { type DigitsPriorOptions, meanName } from "./denoiser.ts";
import { decodeLogits, decoderShapes, latentSize, pixelCount } from "./generator-network.ts";

const sha256 = "768acb6149542f3d431fcc7ef2cff5c90dbf100aff5b46140f2b6085a47f78a0";

/**
 * A generator of handwritten digits [B, 1, 28, 28]: the decoder of a variational autoencoder, x = G(z) with z ~ N(0, I) of 16 numbers.
 *
 * Its weights may be moved by a search that leaves what it has learned. Its blind guess is the mean digit, its draws are G of a drawn z.
 *
 * @throws ReconError `bad-option`; `weights-…` where the file of weights is damaged; `shape` in use for anything but digits.
 * @see D. Kingma, M. Welling, "Auto-encoding variational Bayes", ICLR 2014.
 */
export function digitsGenerator(options: DigitsPriorOptions = {}): GeneratorPrior {
  checkOptions("digitsGenerator", options, { mean: listOf(real(0, 1)), std: listOf(positive()) });
  const { mean = [0.1307], std = [0.3081] } = options;
  const file = new URL("../weights/generator.safetensors", import.meta.url);
  const shapes = { ...decoderShapes, [meanName]: [1, 28, 28] };
  const { [meanName]: typical, ...weights } = weightsFrom(file, { sha256, shapes });
  const learned = Object.fromEntries(Object.entries(weights).map(([name, w]) => [name, constant(w.data, w.shape)]));
  const normalised = (pixels: Tensor): Tensor => div(sub(pixels, mean[0]!), std[0]!);
  const decode = (latent: Tensors, shape: Shape, moved: Tensors = learned): Tensor =>
    reshape(normalised(sigmoid(decodeLogits(latent.z!, moved))), digitBatch(shape));
  const init = (shape: Shape, rng: Rng): Arrays => {
    const z = [digitBatch(shape)[0]!, latentSize];
    return { z: { shape: z, data: Float64Array.from({ length: sizeOf(z) }, () => rng.normal()) } };
  };
  return {
    kind: "generator",
    name: "digits-generator",
    options: { mean, std },
    weights,
    init,
    decode,
    latentEnergy: ({ z }) => mul(sum(square(z!)), 0.5),
    sample: (shape, rng) => {
      const start = init(shape, rng);
      const z = input("z", start.z!.shape);
      return interpret(graph({ z }, { x: decode({ z }, shape) }), start).x!;
    },
    blind: (shape): NdArray => {
      digitBatch(shape);
      const data = new Float32Array(sizeOf(shape));
      for (let i = 0; i < data.length; i++) data[i] = (typical!.data[i % pixelCount]! - mean[0]!) / std[0]!;
      return { shape, data };
    },
  };
}

function digitBatch(shape: Shape): Shape {
  const [batch = 0, ...item] = shape;
  if (item.join() === "1,28,28" && batch > 0) return shape;
  throw new ReconError("shape", `The digits generator makes [B, 1, 28, 28] with B > 0, not [${shape.join(", ")}].`);
}
