import { crossEntropy, input, type Shape, squaredError, type Tensor } from "@recon/engine";

/** Numbers center + scale · normal; without a scale one that keeps the variance of what flows through a weight of the shape, √(2 / fan-in). */
export interface Distribution {
  readonly center?: number;
  readonly scale?: number;
}

/** What the network is trained to give: an input of the loss and how its values are drawn. */
export interface Target {
  readonly shape: Shape;
  /** `classes`: one-hot rows along the last axis; `numbers`: standard normal. */
  readonly holds: "classes" | "numbers";
}

/** A network under measurement: the tensors that it declares, and the mean loss that it computes from x and the target. */
export interface Network {
  readonly inputShape: Shape;
  readonly target: Target;
  /** What the loss is differentiated by. */
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** State that is fixed and has no gradient, such as stored statistics. */
  readonly buffers: Readonly<Record<string, Tensor>>;
  /** How parameters and buffers are drawn, by name, where that is not the default. */
  readonly distributions: Readonly<Record<string, Distribution>>;
  readonly loss: (x: Tensor, target: Tensor) => Tensor;
}

/** A linear layer's parameters. */
export interface Affine {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** What a network declares while it is written down. */
export interface Declarations {
  readonly parameters: Record<string, Tensor>;
  readonly buffers: Record<string, Tensor>;
  readonly distributions: Record<string, Distribution>;
  readonly parameter: (name: string, shape: Shape, distribution?: Distribution) => Tensor;
  readonly buffer: (name: string, shape: Shape, distribution?: Distribution) => Tensor;
  /** `name.weight` of the given shape and `name.bias` with one number for each of its rows. */
  readonly layer: (name: string, shape: Shape) => Affine;
  /** `name.weight` around one and `name.bias` around zero: the scale and shift of a normalisation. */
  readonly affine: (name: string, width: number) => Affine;
}

/** An empty list of declarations; every declaration makes a named input and remembers it. */
export function declarations(): Declarations {
  const parameters: Record<string, Tensor> = {};
  const buffers: Record<string, Tensor> = {};
  const distributions: Record<string, Distribution> = {};
  const into =
    (list: Record<string, Tensor>) =>
    (name: string, shape: Shape, distribution?: Distribution): Tensor => {
      if (distribution !== undefined) distributions[name] = distribution;
      const node = input(name, shape);
      list[name] = node;
      return node;
    };
  const parameter = into(parameters);
  const small = { scale: 0.1 };
  return {
    parameters,
    buffers,
    distributions,
    parameter,
    buffer: into(buffers),
    layer: (name, shape) => ({
      weight: parameter(`${name}.weight`, shape),
      bias: parameter(`${name}.bias`, [shape[0]!], small),
    }),
    affine: (name, width) => ({
      weight: parameter(`${name}.weight`, [width], { center: 1, scale: 0.1 }),
      bias: parameter(`${name}.bias`, [width], small),
    }),
  };
}

/** A network that is trained by the mean cross-entropy of its logits [B, classes]. */
export function classifier(
  { parameters, buffers, distributions }: Declarations,
  inputShape: Shape,
  classes: number,
  logits: (x: Tensor) => Tensor,
): Network {
  return {
    inputShape,
    target: { shape: [inputShape[0]!, classes], holds: "classes" },
    parameters,
    buffers,
    distributions,
    loss: (x, target) => crossEntropy(logits(x), target),
  };
}

/** A network that is trained by the mean squared error of its output. */
export function regressor(
  { parameters, buffers, distributions }: Declarations,
  inputShape: Shape,
  outputShape: Shape,
  output: (x: Tensor) => Tensor,
): Network {
  return {
    inputShape,
    target: { shape: outputShape, holds: "numbers" },
    parameters,
    buffers,
    distributions,
    loss: (x, target) => squaredError(output(x), target),
  };
}
