import {
  add,
  broadcastTo,
  concat,
  constant,
  conv,
  convolution,
  div,
  enlarge,
  log,
  mul,
  pad,
  relu,
  reshape,
  type Shape,
  scalar,
  slice,
  sqrt,
  square,
  sub,
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
  /**
   * For three channels: mean and standard deviation of the orthonormal components (R + G + B)/√3, (R − B)/√2 and (R − 2G + B)/√6 of the training images, which
   * are then treated instead of the channels, each by its own scale. White noise is as white in them.
   */
  readonly components?: { readonly mean: readonly number[]; readonly std: readonly number[] };
  /** Whether the last layer sees the input, too, so that what is linear in it need not pass through the others. */
  readonly skip?: boolean;
}

/** Shapes of the network's weights by name. */
export function denoisingShapes({
  channels,
  width,
  deepWidth,
  skip = false,
}: DenoisingPlan): Readonly<Record<string, Shape>> {
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
    ...layer("out", 4 * channels, width + (skip ? 4 * channels + 1 : 0)),
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
  const level = sigma.shape.length === 0 ? sigma : reshape(sigma, [y.shape[0]!, 1, 1, 1]);
  const { components } = plan;
  if (components === undefined) return preconditioned(y, level, weights, plan, scalar(plan.dataStd));
  const perComponent = (values: readonly number[]): Tensor => constant(values, [values.length, 1, 1]);
  const mean = perComponent(components.mean);
  const centred = sub(conv(y, componentKernel(false)), mean);
  const clean = preconditioned(centred, level, weights, plan, perComponent(components.std));
  return conv(add(clean, mean), componentKernel(true));
}

/** The formula above for one s or one a channel. */
function preconditioned(y: Tensor, level: Tensor, weights: Tensors, plan: DenoisingPlan, std: Tensor): Tensor {
  const total = add(square(level), square(std));
  const output = network(div(y, sqrt(total)), level, weights, plan);
  return add(mul(y, div(square(std), total)), mul(output, div(mul(level, std), sqrt(total))));
}

/** N: what is to be added, in units of its own size. */
function network(scaled: Tensor, level: Tensor, weights: Tensors, { skip = false }: DenoisingPlan): Tensor {
  const [batch, channels, height, width] = scaled.shape as [number, number, number, number];
  const [rows, columns] = [height, width].map((side) => multiple * Math.ceil(side / multiple)) as [number, number];
  const [below, beside] = [rows - height, columns - width];
  const filled = below + beside === 0 ? scaled : pad(scaled, [0, 0, 0, 0], [0, 0, below, beside]);
  const told = broadcastTo(mul(log(level), 0.25), [batch, 1, rows / 2, columns / 2]);
  const seen = concat([halved(filled), told], 1);
  const layer = (name: string, x: Tensor, strides = 1, pads = 1): Tensor =>
    convolution(x, weights[`${name}.weight`]!, weights[`${name}.bias`], { strides, pads });
  const active = (name: string, x: Tensor, strides = 1): Tensor => relu(layer(name, x, strides));
  const fine = active("before", active("in", seen));
  const coarse = active("deep 2", active("deep 1", active("down", fine, 2)));
  const joined = concat([enlarge(layer("up", coarse, 1, 0), 2), fine], 1);
  const after = active("after", active("join", joined));
  const output = doubled(layer("out", skip ? concat([after, seen], 1) : after));
  return below + beside === 0 ? output : slice(output, [0, 0, 0, 0], [batch, channels, height, width]);
}

/** The orthonormal components of a colour as a 1 × 1 kernel, or the way back. */
function componentKernel(back: boolean): Tensor {
  const rows = [
    [1, 1, 1],
    [1, 0, -1],
    [1, -2, 1],
  ].map((row) => row.map((value) => value / Math.hypot(...row)));
  const values = back ? rows.map((_, i) => rows.map((row) => row[i]!)) : rows;
  return constant(values.flat(), [3, 3, 1, 1]);
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
