import { type Json, type Model, ReconError, type Rng, type Spec } from "@recon/core";
import { type Arrays, type Shape, sizeOf, type Tensors } from "@recon/engine";
import { crossEntropy } from "./cross-entropy.ts";
import type { FittedStep, Step } from "./steps.ts";

/** What a model must fit: the shape of one input, without the batch axis, and the number of classes. */
export interface DataShape {
  readonly input: Shape;
  readonly classes: number;
}

export interface SequentialOptions {
  readonly name: string;
  readonly options: Json;
  readonly data: DataShape;
  readonly steps: readonly Step[];
  /** Initial weights and biases are uniform on ± this; 1/√fan-in unless said. */
  readonly bound?: (fanIn: number) => number;
}

/**
 * A classifier that is one layer after another, with the mean cross-entropy as loss.
 *
 * Parameters are named `<place of the layer>.weight` and `<place>.bias`, as a sequential container of PyTorch names them. Each is drawn from its
 * own stream, as float32 numbers, so that programs of either precision see the same weights.
 *
 * @throws ReconError `shape` when a layer does not fit the data.
 */
export function sequential({
  name,
  options,
  data,
  steps,
  bound = (fanIn) => 1 / Math.sqrt(fanIn),
}: SequentialOptions): Model {
  const fitted = fit(name, data, steps);
  const parameters: Record<string, Spec & { readonly bound: number }> = {};
  fitted.forEach((step, place) => {
    for (const [part, { shape }] of Object.entries(step.parameters)) {
      parameters[`${place}.${part}`] = { shape, bound: bound(step.fanIn) };
    }
  });
  return {
    name,
    options,
    parameters: Object.fromEntries(Object.entries(parameters).map(([key, { shape }]) => [key, { shape }])),
    input: { shape: data.input },
    target: { shape: [data.classes], kind: "distribution" },
    lossKind: "cross-entropy",
    init: (rng: Rng): Arrays =>
      Object.fromEntries(
        Object.entries(parameters).map(([key, { shape, bound: limit }]) => {
          const stream = rng.split(key);
          const values = Float32Array.from({ length: sizeOf(shape) }, () => limit * (2 * stream.uniform() - 1));
          return [key, { shape, data: values }];
        }),
      ),
    forward: (given: Tensors, { input }: Tensors) =>
      fitted.reduce((x, step, place) => step.apply(x, partsOf(given, place, step)), input!),
    loss: (output, { target }) => crossEntropy(output, target!),
  };
}

/** Every layer with the shapes it meets; checks that the last one gives the classes. */
function fit(name: string, { input, classes }: DataShape, steps: readonly Step[]): readonly FittedStep[] {
  let shape = input;
  const fitted = steps.map((step, place) => {
    try {
      const next = step(shape);
      shape = next.output;
      return next;
    } catch (error) {
      if (!(error instanceof ReconError)) throw error;
      const from = `It was built for inputs [${input.join(", ")}]; change the size of the data or take another model.`;
      throw new ReconError(error.code, `${name}: layer ${place}: ${error.message}. ${from}`, { cause: error });
    }
  });
  if (shape.length !== 1 || shape[0] !== classes) {
    throw new ReconError(
      "shape",
      `${name}: the last layer gives [${shape.join(", ")}], but the data has ${classes} classes.`,
    );
  }
  return fitted;
}

/** `weight` and `bias` of the layer at a place. */
function partsOf(parameters: Tensors, place: number, step: FittedStep): Tensors {
  return Object.fromEntries(Object.keys(step.parameters).map((part) => [part, parameters[`${place}.${part}`]!]));
}
