import { firstCutLayer, type Json, type Model, ReconError, type Rng, traceModel } from "@recon/core";
import { checkOptions, integer, positive } from "@recon/core/options";
import type { Arrays, LinearLayer, NdArray, Shape } from "@recon/engine";

export interface WidenedPoolerOptions {
  /** Outputs of the pooler, 4096 unless said. */
  readonly width?: number;
  /** Inputs that the new outputs read, the first ones of the vector; 100 unless said. */
  readonly dimensions?: number;
  /** Deviation of the new weights, 1 unless said. */
  readonly std?: number;
}

const checks = { width: integer(2, 100_000), dimensions: integer(1, 100_000), std: positive() };

/** The key under which a widened model's options say what was done to it. */
const key = "widenedPooler";

/**
 * A model whose pooler the server has widened before it sends it out: outputs 0 … m − 1 as they were, the new ones w · x with w ~ N(0, std²) on the first
 * inputs and 0 on the others.
 *
 * The classifier's new columns hold (k + 1) / width for class k. They must differ: the errors of a softmax add up to zero, so that an output which all classes read
 * alike has no gradient. An attack on it needs the flag `activeServer`.
 *
 * @throws ReconError `bad-option`; `shape` when the model has no pooler or the width is not above the pooler's own.
 * @see Li, Liu & Lei, "Beyond Gradient and Priors in Privacy Attacks: Leveraging Pooler Layer Inputs of Language Models in Federated Learning", 2023.
 */
export function widenedPooler(model: Model, options: WidenedPoolerOptions = {}): Model {
  checkOptions("widened-pooler", options, checks);
  const { width = 4096, dimensions = 100, std = 1 } = options;
  const { pooler, classifier } = layersToWiden(model);
  const before = outputsOf(model, pooler);
  const read = Math.min(dimensions, inputsOf(model, pooler));
  if (width <= before) {
    throw new ReconError(
      "shape",
      `widened-pooler: the pooler of ${model.name} has ${before} outputs; "width" must be above that, not ${width}.`,
    );
  }
  const shapes: Record<string, Shape> = {
    [pooler.weight]: pooler.layout === "plain" ? [width, inputsOf(model, pooler)] : [inputsOf(model, pooler), width],
    [classifier.weight]:
      classifier.layout === "plain" ? [outputsOf(model, classifier), width] : [width, outputsOf(model, classifier)],
    ...(pooler.bias !== undefined && { [pooler.bias]: [width] }),
  };
  const widen = (arrays: Arrays, rng: Rng): Arrays => ({
    ...arrays,
    [pooler.weight]: extended(arrays[pooler.weight]!, shapes[pooler.weight]!, pooler, (_, into) =>
      into < read ? std * rng.normal() : 0,
    ),
    [classifier.weight]: extended(
      arrays[classifier.weight]!,
      shapes[classifier.weight]!,
      classifier,
      (out) => (out + 1) / width,
    ),
    ...(pooler.bias !== undefined && { [pooler.bias]: longer(arrays[pooler.bias]!, width) }),
  });
  return {
    ...model,
    name: `${model.name} with a pooler of ${width}`,
    options: { ...(model.options as Readonly<Record<string, Json>>), [key]: { width, dimensions: read, std } },
    parameters: {
      ...model.parameters,
      ...Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
    },
    init: (rng) => widen(model.init(rng), rng.split("widened pooler")),
  };
}

/** Whether the server has widened a model's pooler. */
export function isWidened({ options }: Model): boolean {
  return typeof options === "object" && options !== null && key in options;
}

/** The pooler, and the layer that reads all of its outputs. */
function layersToWiden(model: Model): { readonly pooler: LinearLayer; readonly classifier: LinearLayer } {
  const cut = firstCutLayer(model);
  if ("reason" in cut) throw new ReconError("shape", `widened-pooler: ${model.name} has no pooler: ${cut.reason}.`);
  const layers = traceModel(model).layers.filter((layer): layer is LinearLayer => layer.kind === "linear");
  const at = layers.findIndex(({ weight }) => weight === cut.weight);
  const [pooler, classifier] = [layers[at]!, layers[at + 1]];
  if (classifier === undefined || inputsOf(model, classifier) !== outputsOf(model, pooler)) {
    throw new ReconError(
      "shape",
      `widened-pooler: no linear layer of ${model.name} reads the outputs of ${pooler.weight} as they are.`,
    );
  }
  return { pooler, classifier };
}

const extent = (model: Model, { weight }: LinearLayer, axis: 0 | 1): number => model.parameters[weight]!.shape[axis]!;
const outputsOf = (model: Model, layer: LinearLayer): number => extent(model, layer, layer.layout === "plain" ? 0 : 1);
const inputsOf = (model: Model, layer: LinearLayer): number => extent(model, layer, layer.layout === "plain" ? 1 : 0);

/** A weight in a larger shape: its own entries where it has them, as float32 numbers elsewhere what `fresh` says of an output and an input. */
function extended(
  { shape, data }: NdArray,
  larger: Shape,
  { layout }: LinearLayer,
  fresh: (out: number, into: number) => number,
): NdArray {
  const [rows, cols] = larger as [number, number];
  const [heldRows, heldCols] = shape as [number, number];
  const result = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const held = i < heldRows && j < heldCols;
      result[i * cols + j] = held ? data[i * heldCols + j]! : layout === "plain" ? fresh(i, j) : fresh(j, i);
    }
  }
  return { shape: larger, data: result };
}

function longer({ data }: NdArray, width: number): NdArray {
  const result = new Float32Array(width);
  result.set(data);
  return { shape: [width], data: result };
}
