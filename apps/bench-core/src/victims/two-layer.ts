import type { Model } from "@recon/core";
import {
  add,
  erf,
  gelu,
  matmul,
  mul,
  relu,
  reshape,
  sigmoid,
  silu,
  sin,
  sizeOf,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
} from "@recon/engine";

/** The activations of the tables. */
export type ActivationName =
  | "tanh"
  | "sigmoid"
  | "relu"
  | "erf"
  | "sin"
  | "gelu"
  | "silu"
  | "x^2+x^3"
  | "tanh(z+1)"
  | "sin(z+.8)";

/** s by name. */
export const activations: Readonly<Record<ActivationName, (z: Tensor) => Tensor>> = {
  tanh,
  sigmoid,
  relu,
  erf,
  sin,
  gelu: (z) => gelu(z),
  silu,
  "x^2+x^3": (z) => add(square(z), mul(z, square(z))),
  "tanh(z+1)": (z) => tanh(add(z, 1)),
  "sin(z+.8)": (z) => sin(add(z, 0.8)),
};

export interface TwoLayerOptions {
  /** d, the size of an input, and its shape where it is not a vector. */
  readonly inputs: number | readonly number[];
  /** m. */
  readonly hidden: number;
  readonly activation: ActivationName;
  /** 1 unless said. */
  readonly outputs?: number;
  /** Whether the hidden layer has biases, b ~ N(0, 1); false unless said. */
  readonly bias?: boolean;
}

/**
 * f(x) = Σⱼ aⱼ s(wⱼ · x + bⱼ) with w ~ N(0, I) and loss ½ Σᵢ (f(xᵢ) − yᵢ)², summed over the batch: the victim of the theorems.
 *
 * One output has aⱼ = 1 / m; several have a ~ N(0, 1) / √m.
 *
 * @see Z. Wang, J. Lee, Q. Lei, "Reconstructing Training Data from Model Gradient, Provably", AISTATS 2023, section 3.
 */
export function twoLayer(options: TwoLayerOptions): Model {
  const { hidden, activation, outputs = 1, bias = false } = options;
  const shape = typeof options.inputs === "number" ? [options.inputs] : options.inputs;
  const inputs = sizeOf(shape);
  return {
    name: "two-layer",
    options: { inputs: [...shape], hidden, activation, outputs, bias },
    parameters: {
      w: { shape: [hidden, inputs] },
      ...(bias && { b: { shape: [hidden] } }),
      a: { shape: [outputs, hidden] },
    },
    input: { shape },
    target: { shape: [outputs], kind: "real" },
    lossKind: "sum-squared-error",
    lossReduction: "sum",
    init: (rng) => {
      const [w, b, a] = [rng.split("w"), rng.split("b"), rng.split("a")];
      const normals = (stream: typeof w, size: number): Float64Array =>
        Float64Array.from({ length: size }, () => stream.normal());
      return {
        w: { shape: [hidden, inputs], data: normals(w, hidden * inputs) },
        ...(bias && { b: { shape: [hidden], data: normals(b, hidden) } }),
        a: {
          shape: [outputs, hidden],
          data:
            outputs === 1
              ? new Float64Array(hidden).fill(1 / hidden)
              : normals(a, outputs * hidden).map((value) => value / Math.sqrt(hidden)),
        },
      };
    },
    forward: (parameters, data) => {
      const x = data.input!;
      const product = matmul(reshape(x, [x.shape[0]!, inputs]), parameters.w!, { transposeB: true });
      const z = bias ? add(product, parameters.b!) : product;
      return matmul(activations[activation](z), parameters.a!, { transposeB: true });
    },
    loss: (output, data) => mul(sum(square(sub(output, data.target!))), 0.5),
  };
}
