import { type Model, modelState } from "@recon/core";
import {
  input,
  type Layer,
  type LinearLayer,
  layersOf,
  type Tensor,
  type Tensors,
  topologicalOrder,
} from "@recon/engine";

/** What linear layers of a graph network read of every node: the features first, then embeddings of wider and wider surroundings. */
export interface Stage {
  /** Layers that read it; none for the last one, which is pooled. */
  readonly layers: readonly LinearLayer[];
  /** [B, n, width]. */
  readonly tensor: Tensor;
}

/** A graph network as its layers show it. */
export interface Stages {
  readonly parameters: Tensors;
  /** Graphs [B, n, D + n]. */
  readonly input: Tensor;
  readonly nodes: readonly Stage[];
  /** The first layer that reads one row a graph. */
  readonly readout: LinearLayer;
}

/**
 * Traces a model on `batch` graphs of `size` nodes: which tensors with a row for every node its linear layers read, in order, and what the readout pools.
 *
 * What is pooled is the last tensor with a row of the readout's width for every node on the way to the readout.
 */
export function stagesOf(
  model: Model,
  features: number,
  batch: number,
  size: number,
): Stages | { readonly reason: string } {
  const parameters = Object.fromEntries(
    Object.entries(modelState(model)).map(([name, { shape }]) => [name, input(name, shape)]),
  );
  const graphs = input("graphs", [batch, size, features + size]);
  const output = model.forward(parameters, { input: graphs }, "eval");
  const layers = layersOf(output).filter(
    (layer): layer is LinearLayer => isLinear(layer) && layer.weight in parameters,
  );
  const perNode = ({ shape }: Tensor): boolean => shape.length === 3 && shape[0] === batch && shape[1] === size;
  const readout = layers.find(({ input: { shape } }) => shape.length === 2 && shape[0] === batch);
  if (readout === undefined) return { reason: `no layer of ${model.name} reads one row a graph` };
  const before = topologicalOrder([readout.input]);
  const reached = new Set(before);
  const byTensor = new Map<Tensor, LinearLayer[]>();
  for (const layer of layers) {
    const tensor = withRowsOfNodes(layer.input, perNode);
    if (tensor === undefined || !reached.has(tensor)) continue;
    byTensor.set(tensor, [...(byTensor.get(tensor) ?? []), layer]);
  }
  const width = readout.input.shape[1]!;
  const pooled = before.findLast((node) => perNode(node) && node.shape[2] === width);
  if (byTensor.size === 0 || pooled === undefined)
    return { reason: `no layer of ${model.name} reads a row of every node` };
  const nodes = [...byTensor].map(([tensor, own]) => ({ layers: own, tensor }));
  return { parameters, input: graphs, nodes: [...nodes, { layers: [], tensor: pooled }], readout };
}

function isLinear(layer: Layer): layer is LinearLayer {
  return layer.kind === "linear";
}

/** What a layer reads before its rows are laid one behind another. */
function withRowsOfNodes(tensor: Tensor, perNode: (tensor: Tensor) => boolean): Tensor | undefined {
  if (perNode(tensor)) return tensor;
  return tensor.op.name === "reshape" ? withRowsOfNodes(tensor.inputs[0]!, perNode) : undefined;
}
