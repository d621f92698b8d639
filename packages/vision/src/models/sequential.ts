import { type Json, type Model, ReconError, type Rng } from "@recon/core";
import { type Arrays, binaryCrossEntropy, type NdArray, type Shape, sizeOf } from "@recon/engine";
import { chainStep, type NamedStep } from "./chain-step.ts";
import { crossEntropy } from "./cross-entropy.ts";
import type { FilledSpec, FittedStep, Step, UniformSpec } from "./step.ts";

/** What a model must fit: the shape of one input, without the batch axis, and the number of classes; 1 stands for a yes or no. */
export interface DataShape {
  readonly input: Shape;
  readonly classes: number;
}

export interface SequentialOptions {
  readonly name: string;
  readonly options: Json;
  readonly data: DataShape;
  /** Layers; those without a name are named by their place. */
  readonly steps: readonly (Step | NamedStep)[];
  /** Initial weights and biases are uniform on ± this; 1/√fan-in unless said. */
  readonly bound?: (fanIn: number) => number;
}

/**
 * A classifier that is one layer after another, with the mean cross-entropy as loss; with one class, the logit of a yes or no, the binary one.
 *
 * Parameters are named `<layer>.weight` and `<layer>.bias`, where a layer without a name of its own is called by its place, as PyTorch's containers do;
 * likewise buffers. Each is drawn from its own stream, as float32 numbers, so that programs of either precision see the same weights.
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
  const net = fit(name, data, steps);
  const { parameters, buffers = {} } = net;
  const binary = data.classes === 1;
  const held = Object.keys(buffers).length > 0;
  return {
    name,
    options,
    parameters: shapesOf(parameters),
    ...(held && { buffers: shapesOf(buffers) }),
    input: { shape: data.input },
    target: { shape: [data.classes], kind: binary ? "real" : "distribution" },
    lossKind: binary ? "binary-cross-entropy" : "cross-entropy",
    init: (rng: Rng): Arrays =>
      Object.fromEntries(
        Object.entries({ ...parameters, ...buffers }).map(([key, spec]) => [key, initial(spec, rng.split(key), bound)]),
      ),
    forward: (state, { input }, mode) => net.apply(input!, state, mode),
    loss: (output, { target }) => (binary ? binaryCrossEntropy : crossEntropy)(output, target!),
  };
}

function initial(spec: UniformSpec | FilledSpec, rng: Rng, bound: (fanIn: number) => number): NdArray {
  const { shape } = spec;
  if ("fill" in spec) return { shape, data: new Float32Array(sizeOf(shape)).fill(spec.fill) };
  const limit = bound(spec.fanIn);
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => limit * (2 * rng.uniform() - 1)) };
}

function shapesOf(specs: Readonly<Record<string, { readonly shape: Shape }>>): Model["parameters"] {
  return Object.fromEntries(Object.entries(specs).map(([key, { shape }]) => [key, { shape }]));
}

/** All layers as one, fitted to the data; checks that the last one gives the classes. */
function fit(name: string, { input, classes }: DataShape, steps: readonly (Step | NamedStep)[]): FittedStep {
  const named = steps.map((step, place): NamedStep => (typeof step === "function" ? [`${place}`, step] : step));
  let net: FittedStep;
  try {
    net = chainStep(named)(input);
  } catch (error) {
    if (!(error instanceof ReconError)) throw error;
    const from = `It was built for inputs [${input.join(", ")}]; change the size of the data or take another model.`;
    throw new ReconError(error.code, `${name}: ${error.message}. ${from}`, { cause: error });
  }
  if (net.output.length !== 1 || net.output[0] !== classes) {
    throw new ReconError(
      "shape",
      `${name}: the last layer gives [${net.output.join(", ")}], but the data has ${classes} classes.`,
    );
  }
  return net;
}
