import {
  add,
  broadcastTo,
  concat,
  convolution,
  div,
  enlarge,
  log,
  mul,
  pad,
  relu,
  reshape,
  type Shape,
  slice,
  sqrt,
  square,
  type Tensor,
  type Tensors,
  transpose,
} from "@recon/engine";

/** Sizes of a denoising network. */
export interface DenoisingPlan {
  /** Channels of the images. */
  readonly channels: number;
  /** Features at half of the sides. */
  readonly width: number;
  /** Features at a quarter of the sides. */
  readonly deepWidth: number;
  /** Standard deviation of a pixel of the training images, on [0, 1]. */
  readonly dataStd: number;
}

/** Shapes of the network's weights by name. */
export function denoisingShapes({ channels, width, deepWidth }: DenoisingPlan): Readonly<Record<string, Shape>> {
  const layer = (name: string, to: number, from: number, kernel = 3): [string, Shape][] => [
    [`${name}.weight`, [to, from, kernel, kernel]],
    [`${name}.bias`, [to]],
  ];
  return Object.fromEntries([
    ...layer("in", width, 4 * channels + 1),
    ...layer("before", width, width),
    ...layer("down", deepWidth, width),
    ...layer("deep 1", deepWidth, deepWidth),
    ...layer("deep 2", deepWidth, deepWidth),
    ...layer("up", width, deepWidth, 1),
    ...layer("join", width, 2 * width),
    ...layer("after", width, width),
    ...layer("out", 4 * channels, width),
  ]);
}

/** The sides of the network's input are multiples of this; others are filled up. */
const multiple = 4;

/**
 * E[x | x + σ n] by a convolutional network at half and a quarter of the sides, for images [B, C, H, W] of any size on [0, 1]:
 *
 *     D(y, σ) = s²/(s² + σ²) y + s σ/√(s² + σ²) N(y / √(s² + σ²), ¼ ln σ)
 *
 * with s the standard deviation of the data, so that N sees inputs and makes outputs of about unit size at every σ.
 *
 * @param sigma σ > 0, a scalar or one an image [B].
 * @see T. Karras et al., "Elucidating the design space of diffusion-based generative models", NeurIPS 2022, table 1; K. Zhang, W. Zuo, L. Zhang, "FFDNet", IEEE TIP 27 (2018).
 */
export function denoisingNetwork(y: Tensor, sigma: Tensor, weights: Tensors, plan: DenoisingPlan): Tensor {
  const [batch, channels, height, width] = y.shape as [number, number, number, number];
  const level = sigma.shape.length === 0 ? sigma : reshape(sigma, [batch, 1, 1, 1]);
  const [rows, columns] = [height, width].map((side) => multiple * Math.ceil(side / multiple)) as [number, number];
  const total = add(square(level), plan.dataStd ** 2);
  const scaled = div(y, sqrt(total));
  const [below, beside] = [rows - height, columns - width];
  const filled = below + beside === 0 ? scaled : pad(scaled, [0, 0, 0, 0], [0, 0, below, beside]);
  const quarters = halved(filled);
  const told = broadcastTo(mul(log(level), 0.25), [batch, 1, rows / 2, columns / 2]);
  const layer = (name: string, x: Tensor, strides = 1, pads = 1): Tensor =>
    convolution(x, weights[`${name}.weight`]!, weights[`${name}.bias`], { strides, pads });
  const active = (name: string, x: Tensor, strides = 1): Tensor => relu(layer(name, x, strides));
  const fine = active("before", active("in", concat([quarters, told], 1)));
  const coarse = active("deep 2", active("deep 1", active("down", fine, 2)));
  const joined = concat([enlarge(layer("up", coarse, 1, 0), 2), fine], 1);
  const output = doubled(layer("out", active("after", active("join", joined))));
  const cut = below + beside === 0 ? output : slice(output, [0, 0, 0, 0], [batch, channels, height, width]);
  const kept = mul(y, div(plan.dataStd ** 2, total));
  return add(kept, mul(cut, div(mul(level, plan.dataStd), sqrt(total))));
}

/** [B, C, H, W] → [B, 4C, H/2, W/2]: every 2 × 2 block as channels. */
function halved(x: Tensor): Tensor {
  const [b, c, h, w] = x.shape as [number, number, number, number];
  const blocks = transpose(reshape(x, [b, c, h / 2, 2, w / 2, 2]), [0, 1, 3, 5, 2, 4]);
  return reshape(blocks, [b, 4 * c, h / 2, w / 2]);
}

/** The inverse of `halved`. */
function doubled(x: Tensor): Tensor {
  const [b, c, h, w] = x.shape as [number, number, number, number];
  const blocks = transpose(reshape(x, [b, c / 4, 2, 2, h, w]), [0, 1, 4, 2, 5, 3]);
  return reshape(blocks, [b, c / 4, 2 * h, 2 * w]);
}
