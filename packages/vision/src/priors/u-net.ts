import { concat, convolution, enlarge, leakyRelu, type Shape, type Tensor, type Tensors } from "@recon/engine";

/** Where the convolutions of the net are and what they take: `name` → [outputs, inputs, kernel]. */
export type UNetLayers = Readonly<Record<string, readonly [number, number, number]>>;

export interface UNetPlan {
  /** Channels of the fixed input. */
  readonly inputs: number;
  /** Channels inside. */
  readonly width: number;
  /** How often the sides are halved. */
  readonly depth: number;
  /** Channels of the output. */
  readonly outputs: number;
}

const slope = 0.2;

/**
 * The convolutions of a U-shaped net: `first`, then `down k` (stride 2) to the bottom, then `up k` (after enlarging and joining what the way down
 * had at that size), then `last`, 1 × 1, to the output channels.
 */
export function uNetLayers({ inputs, width, depth, outputs }: UNetPlan): UNetLayers {
  const levels = Array.from({ length: depth }, (_, k) => k);
  return {
    first: [width, inputs, 3],
    ...Object.fromEntries(levels.map((k) => [`down ${k}`, [width, width, 3]])),
    ...Object.fromEntries(levels.map((k) => [`up ${k}`, [width, 2 * width, 3]])),
    last: [outputs, width, 1],
  };
}

/** Shape of a layer's kernel [outputs, inputs, k, k]. */
export const kernelShape = ([outputs, inputs, kernel]: readonly [number, number, number]): Shape => [
  outputs,
  inputs,
  kernel,
  kernel,
];

/** Output [B, outputs, H, W] before any squashing, for z [B, inputs, H, W] with H and W multiples of 2^depth. */
export function uNet(z: Tensor, parameters: Tensors, { depth }: UNetPlan): Tensor {
  const layer = (name: string, x: Tensor, options: { strides?: number; pads?: number }): Tensor =>
    convolution(x, parameters[`${name}.weight`]!, parameters[`${name}.bias`], options);
  const active = (name: string, x: Tensor, strides = 1): Tensor =>
    leakyRelu(layer(name, x, { strides, pads: 1 }), slope);
  const onTheWay = [active("first", z)];
  for (let k = 0; k < depth; k++) onTheWay.push(active(`down ${k}`, onTheWay[k]!, 2));
  let x = onTheWay[depth]!;
  for (let k = depth - 1; k >= 0; k--) x = active(`up ${k}`, concat([enlarge(x, 2), onTheWay[k]!], 1));
  return layer("last", x, {});
}
