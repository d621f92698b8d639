import { type GeneratorPrior, ReconError, type Rng, rng } from "@recon/core";
import { checkOptions, integer, listOf, positive, real } from "@recon/core/options";
import {
  type Arrays,
  add,
  constant,
  mul,
  type Shape,
  sigmoid,
  sizeOf,
  slice,
  type Tensor,
  type Tensors,
} from "@recon/engine";
import { imageDomain } from "../domain.ts";
import { kernelShape, type UNetPlan, uNet, uNetLayers } from "./u-net.ts";

export interface DeepImagePriorOptions {
  /** Channels inside the net. 32 unless said. */
  readonly width?: number;
  /** How often the sides are halved. 2 unless said. */
  readonly depth?: number;
  /** Channels of the fixed noise that goes in. 8 unless said. */
  readonly noiseChannels?: number;
  /** Draws the fixed noise; 0 unless said. */
  readonly seed?: number;
  /** Normalisation of the images, as in `imageDomain`. */
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

/**
 * Images as the output of an untrained convolutional net: x = lower + (upper − lower) · sigmoid(U_θ(n)), with the noise n fixed and the
 * weights θ as the unknown.
 *
 * U is a U-shaped net (nearest-neighbour enlarging, 3 × 3 convolutions, leaky ReLU of slope .2, joined ways): its structure prefers smooth,
 * repetitive images before noise. A batch shares θ and each item has its own noise. The output is in the box by construction. Start: He's
 * scaling, biases 0. Suited to Adam with a rate of about 1e-3 to 1e-2.
 *
 * @throws ReconError `bad-option`; `shape` when the shape is not [B, C, H, W].
 * @see D. Ulyanov, A. Vedaldi, V. Lempitsky, "Deep image prior", CVPR 2018.
 */
export function deepImagePrior(options: DeepImagePriorOptions = {}): GeneratorPrior {
  checkOptions("deepImagePrior", options, {
    width: integer(1, 1024),
    depth: integer(0, 8),
    noiseChannels: integer(1, 1024),
    seed: integer(0),
    mean: listOf(real(0, 1)),
    std: listOf(positive()),
  });
  const { width = 32, depth = 2, noiseChannels = 8, seed = 0, mean, std } = options;
  const normalisation = { ...(mean && { mean }), ...(std && { std }) };
  const planFor = (channels: number): UNetPlan => ({ inputs: noiseChannels, width, depth, outputs: channels });
  return {
    kind: "generator",
    name: "deep-image-prior",
    options: { width, depth, noiseChannels, seed, ...normalisation },
    init: (shape: Shape, stream: Rng): Arrays => initialWeights(planFor(fourAxes(shape)[1]), stream),
    decode: (latent: Tensors, shape: Shape): Tensor => {
      const [batch, channels, height, width] = fourAxes(shape);
      const multiple = 2 ** depth;
      const [rows, columns] = [height, width].map((side) => Math.ceil(side / multiple) * multiple) as [number, number];
      const noise = fixedNoise([batch, noiseChannels, rows, columns], seed);
      const output = uNet(noise, latent, planFor(channels));
      const cut = slice(output, [0, 0, 0, 0], [batch, channels, height, width]);
      const { lower, upper } = imageDomain({ channels, height, width, ...normalisation });
      const range = Float64Array.from(upper.data, (bound, i) => bound - lower.data[i]!);
      return add(mul(sigmoid(cut), constant(range, upper.shape)), constant(lower.data, lower.shape));
    },
    blind: (shape: Shape) => ({ shape, data: new Float32Array(sizeOf(shape)) }),
  };
}

/** Normal weights with variance 2 / fan-in (He), the last layer's 1 / fan-in; biases 0. */
function initialWeights(plan: UNetPlan, stream: Rng): Arrays {
  const start: Record<string, Arrays[string]> = {};
  for (const [name, layer] of Object.entries(uNetLayers(plan))) {
    const [outputs, inputs, kernel] = layer;
    const draw = stream.split(name);
    const spread = Math.sqrt((name === "last" ? 1 : 2) / (inputs * kernel * kernel));
    const shape = kernelShape(layer);
    start[`${name}.weight`] = {
      shape,
      data: Float64Array.from({ length: sizeOf(shape) }, () => spread * draw.normal()),
    };
    start[`${name}.bias`] = { shape: [outputs], data: new Float64Array(outputs) };
  }
  return start;
}

/** Standard normal noise, each item of a batch from its own stream: item 0 is the same in every batch. */
function fixedNoise(shape: readonly [number, number, number, number], seed: number): Tensor {
  const item = sizeOf(shape.slice(1));
  const data = new Float64Array(sizeOf(shape));
  for (let b = 0; b < shape[0]; b++) {
    const stream = rng(seed).split("noise").split(String(b));
    for (let i = 0; i < item; i++) data[b * item + i] = stream.normal();
  }
  return constant(data, shape);
}

function fourAxes(shape: Shape): readonly [number, number, number, number] {
  if (shape.length === 4) return shape as readonly [number, number, number, number];
  throw new ReconError("shape", `deepImagePrior makes images [B, C, H, W], not [${shape.join(", ")}].`);
}
