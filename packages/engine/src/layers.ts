import type { Tensor } from "./tensor.ts";

/** The elementwise function behind a layer; `identity` where none follows. */
export interface Activation {
  readonly name: "identity" | "relu" | "leakyRelu" | "sigmoid" | "tanh" | "softplus" | "elu" | "other";
  /** Slope on the negative side of a leaky ReLU. */
  readonly slope?: number;
}

interface LayerBase {
  /** Name of the parameter. */
  readonly weight: string;
  readonly bias?: string;
  /** What goes in, as multiplied by the weight. */
  readonly input: Tensor;
  /** z = W x + b, before the activation. */
  readonly preActivation: Tensor;
  readonly activation: Activation;
  /** After the activation; equals `preActivation` for identity. */
  readonly output: Tensor;
}

/** z = x Wᵀ + b with W [out, in]. */
export interface LinearLayer extends LayerBase {
  readonly kind: "linear";
}

/** z = conv(x, W) + b with x [B, C, ...], W [out, in / groups, ...]. */
export interface ConvolutionLayer extends LayerBase {
  readonly kind: "convolution";
  readonly strides: readonly number[];
  /** Zeros before and after each spatial axis: [begin..., end...]. */
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly groups: number;
}

export type Layer = LinearLayer | ConvolutionLayer;
