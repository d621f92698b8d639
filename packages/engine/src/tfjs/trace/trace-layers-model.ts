import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-layers";
import { EngineError } from "../../errors.ts";
import { type Graph, graph } from "../../graph.ts";
import { input } from "../../ops/leaf.ts";
import type { Arrays, DType, NdArray, Tensor } from "../../tensor.ts";
import type { Tfjs, TfjsTensor } from "../tfjs.ts";
import { storeAsUsed } from "./parameter-layout.ts";
import { record } from "./record.ts";

/** What a model leaves open. */
export interface LayersModelOptions {
  /** The extent that the model's inputs leave open, the batch; 1 unless said. */
  readonly batch?: number;
  /** Types of inputs by name, where they are not `float`: `int` for the indices of an embedding. */
  readonly dtypes?: Readonly<Record<string, DType>>;
}

/** A model as a graph. */
export interface TracedModel {
  /** Inputs: the model's inputs and its weights, by their names in `model.json`. Outputs: the model's outputs. */
  readonly graph: Graph;
  /** The weights, in the layout of the graph. */
  readonly parameters: Readonly<Record<string, NdArray>>;
  /** Arrays in the layout of the model, such as gradients that TensorFlow.js computed, in the layout of the graph. @throws EngineError `missing-input`, `shape`. */
  readonly toGraphLayout: (weights: Arrays) => Readonly<Record<string, NdArray>>;
}

/**
 * The forward pass of a `tf.LayersModel`, in inference mode, as a graph of its inputs and weights.
 *
 * Weights that TensorFlow.js stores in an order of its own are inputs in the order of the engine: linear layers [outputs, inputs], convolutions
 * [outputs, inputs / groups, ...], so that `layersOf` finds them. Inputs and outputs of the model keep its layout, channels last.
 *
 * @param tf the namespace of `@tensorflow/tfjs-core` or of a package that exports all of it.
 * @param model what `loadLayersModel` of `@tensorflow/tfjs-layers` returned.
 * @throws EngineError `dynamic-shape` when more than the batch is left open, and what `traceFunction` throws.
 */
export function traceLayersModel(tf: Tfjs, model: LayersModel, options: LayersModelOptions = {}): TracedModel {
  const { batch = 1, dtypes = {} } = options;
  const inputs = model.inputs.map((symbol, i) => {
    const name = model.inputNames[i]!;
    return input(name, shapeOf(name, symbol, batch), dtypes[name] ?? "float");
  });
  const weights = weightsOf(model);
  const nodes = Object.fromEntries(weights.map(({ name, tensor }) => [name, input(name, tensor.shape)]));
  const values = Object.fromEntries(
    weights.map(({ name, tensor }) => [name, { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) }]),
  );
  const outputs = record(tf, ({ bind, nodeOf, tensorOf }) => {
    for (const { name, tensor } of weights) bind(tensor, nodes[name]!);
    const given = inputs.map(tensorOf);
    const result = model.apply(given.length === 1 ? given[0]! : given, { training: false }) as
      | TfjsTensor
      | TfjsTensor[];
    const tensors = Array.isArray(result) ? result : [result];
    return tensors.map((tensor, i): [string, Tensor] => [model.outputNames[i]!, nodeOf(tensor)]);
  });
  const named = Object.fromEntries(inputs.map((node, i) => [model.inputNames[i]!, node]));
  const stored = storeAsUsed(graph({ ...named, ...nodes }, Object.fromEntries(outputs)), Object.keys(nodes));
  return { graph: stored.graph, parameters: stored.convert(values), toGraphLayout: stored.convert };
}

function shapeOf(name: string, symbol: SymbolicTensor, batch: number): number[] {
  return symbol.shape.map((extent, axis) => {
    if (extent !== null) return extent;
    if (axis === 0) return batch;
    throw new EngineError(
      "dynamic-shape",
      `Input "${name}" of the model has shape [${symbol.shape.map((value) => value ?? "?")}]: only the first extent, the batch, may be left open. Build the model with inputShape or batchInputShape given in full.`,
    );
  });
}

/** Every weight under the name that it has in `model.json`; where two layers share one, under the name that tells them apart in this process. */
function weightsOf(model: LayersModel): { name: string; tensor: TfjsTensor }[] {
  const count = new Map<string, number>();
  for (const { originalName } of model.weights) count.set(originalName, (count.get(originalName) ?? 0) + 1);
  return model.weights.map((weight) => ({
    name: count.get(weight.originalName) === 1 ? weight.originalName : weight.name,
    tensor: weight.read(),
  }));
}
