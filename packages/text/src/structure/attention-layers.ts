import { type Model, modelState } from "@recon/core";
import { input, type LinearLayer, layersOf, type Tensor, type Tensors, topologicalOrder } from "@recon/engine";

/** The layers that a model's first attention splits its graph into. */
export interface AttentionLayers {
  /** Linear layers whose input at a place is a function of the id there and of the place alone, in the order in which data passes through them. */
  readonly placewise: readonly LinearLayer[];
  /** Linear layers whose input at a place has seen the other places through one attention and no more. */
  readonly contextual: readonly LinearLayer[];
  /** Linear layers whose input has one row for a whole text, such as a pooler. */
  readonly pooled: readonly LinearLayer[];
}

/** A model's forward pass on ids of a given shape, weights and buffers under the model's own names. */
export interface TracedIds {
  readonly arrays: Tensors;
  readonly ids: Tensor;
  readonly layers: readonly LinearLayer[];
}

/** Traces a model on ids [rows, places] and finds the linear layers whose weights are parameters. */
export function traceIds(model: Model, rows: number, places: number): TracedIds {
  const arrays = Object.fromEntries(
    Object.entries(modelState(model)).map(([name, { shape }]) => [name, input(name, shape)]),
  );
  const ids = input("ids", [rows, places]);
  const output = model.forward(arrays, { input: ids }, "eval");
  const layers = layersOf(output).filter(
    (layer): layer is LinearLayer => layer.kind === "linear" && model.parameters[layer.weight] !== undefined,
  );
  return { arrays, ids, layers };
}

/**
 * Sorts the linear layers of a model by how many attentions lie between them and its ids: found in the graph, whatever the layers' names.
 *
 * An attention is a softmax that depends on the ids. A layer has a row for every place where its input holds as many as there are places, in either layout.
 *
 * @param places of the trace, any number from 2 up to the model's greatest.
 */
export function attentionLayers(model: Model, places: number = Math.min(3, model.input.shape[0]!)): AttentionLayers {
  const { ids, layers } = traceIds(model, 1, places);
  const depths = depthsFrom(
    ids,
    layers.map((layer) => layer.input),
  );
  const ofDepth = (depth: number): LinearLayer[] =>
    layers.filter((layer) => depths.get(layer.input) === depth && rowsOf(layer) === places);
  const pooled = layers.filter((layer) => depths.has(layer.input) && rowsOf(layer) === 1);
  return { placewise: ofDepth(0), contextual: ofDepth(1), pooled };
}

/** Rows that a layer reads of one text. */
const rowsOf = ({ input: { shape } }: LinearLayer): number =>
  shape.slice(0, -1).reduce((product, extent) => product * extent, 1);

/** The tensor that a layer reads, before it was laid out anew as rows: the same for all layers that read one tensor. */
export function tensorRead({ input }: LinearLayer): Tensor {
  let tensor = input;
  while (tensor.op.name === "reshape") tensor = tensor.inputs[0]!;
  return tensor;
}

/** Most softmaxes on a path from the ids to each node that depends on them. */
function depthsFrom(ids: Tensor, outputs: readonly Tensor[]): Map<Tensor, number> {
  const depths = new Map<Tensor, number>([[ids, 0]]);
  for (const node of topologicalOrder(outputs)) {
    const before = node.inputs.flatMap((operand) => depths.get(operand) ?? []);
    if (before.length === 0) continue;
    depths.set(node, Math.max(...before) + (node.op.name === "softmax" ? 1 : 0));
  }
  return depths;
}
