import { type DataToFit, type Json, type Model, ReconError, type Rng } from "@recon/core";
import { type Checks, integer, oneOf } from "@recon/core/options";
import {
  crossEntropy,
  div,
  gelu,
  linear,
  mul,
  type NdArray,
  relu,
  type Shape,
  sizeOf,
  sum,
  type Tensor,
  type Tensors,
} from "@recon/engine";
import { isGraphDomain } from "../domain.ts";
import { type GraphTensors, graphTensors } from "./graph-tensors.ts";

/** What every graph network can be told. */
export interface GraphModelOptions {
  /** Width of the embeddings, 300 unless said. */
  readonly hidden?: number;
  /** Rounds of message passing, 2 unless said. */
  readonly layers?: number;
  readonly activation?: "relu" | "gelu";
  /** How the nodes' embeddings become one of the graph; their mean unless said. */
  readonly pooling?: "mean" | "sum";
  /** One class for the graph, or one for each node, as graphs have of which the edges are the secret; what the data is for unless said. */
  readonly task?: "graph" | "node";
}

export const graphModelChecks: Checks<GraphModelOptions> = {
  hidden: integer(1, 65_536),
  layers: integer(1, 64),
  activation: oneOf(["relu", "gelu"]),
  pooling: oneOf(["mean", "sum"]),
  task: oneOf(["graph", "node"]),
};

const activations = { relu, gelu } as const;

/** The options with what holds unless said. */
export function filledModelOptions(options: GraphModelOptions, { domain }: DataToFit): Required<GraphModelOptions> {
  const usual = isGraphDomain(domain) && domain.kind === "edges" ? "node" : "graph";
  const { hidden = 300, layers = 2, activation = "relu", pooling = "mean", task = usual } = options;
  return { hidden, layers, activation, pooling, task };
}

/** How an array starts: normal around 0. */
export interface InitialArray {
  readonly shape: Shape;
  readonly variance: number;
}

/** One round of message passing. */
export interface MessagePassing {
  /** Arrays of the layer that maps rows of width `into` to `out`. */
  readonly parameters: (into: number, out: number) => Readonly<Record<string, InitialArray>>;
  /** h [B, n, in] ↦ [B, n, out], before the activation. `p` holds the layer's arrays under their own names. */
  readonly forward: (p: Tensors, h: Tensor, graph: GraphTensors, activation: (z: Tensor) => Tensor) => Tensor;
}

/**
 * A graph network: rounds of message passing h ← s(layer(h, A)), then a readout of two linear layers with biases, on the pooled embedding or on every node's:
 *
 *     logits = R₂ s(R₁ pool(h) + b₁) + b₂
 *
 * Weights are drawn normal as float32 numbers, of variance 2/(D + H) where features enter and 1/H elsewhere, which is 2/(in + out) of every layer between; biases are 0. Loss: mean cross-entropy, over nodes too
 * where each has a class.
 *
 * @throws ReconError `shape` where the data is not of graphs.
 */
export function graphModel(
  name: string,
  options: Required<GraphModelOptions> & { readonly [key: string]: Json },
  data: DataToFit,
  layer: MessagePassing,
): Model {
  const { hidden, layers, pooling, task } = options;
  const { domain, classes } = data;
  if (!isGraphDomain(domain)) {
    throw new ReconError(
      "shape",
      `${name} takes graphs, and the data is of the domain ${domain.name}. Choose data of graphs.`,
    );
  }
  const activation = activations[options.activation];
  const names = Array.from({ length: layers }, (_, i) => `layer.${i}`);
  const initial: Readonly<Record<string, InitialArray>> = {
    ...Object.assign(
      {},
      ...names.map((prefix, i) => prefixed(prefix, layer.parameters(i === 0 ? domain.features : hidden, hidden))),
    ),
    "readout.0.weight": { shape: [hidden, hidden], variance: 1 / hidden },
    "readout.0.bias": { shape: [hidden], variance: 0 },
    "readout.1.weight": { shape: [classes, hidden], variance: 1 / hidden },
    "readout.1.bias": { shape: [classes], variance: 0 },
  };
  return {
    name,
    options,
    parameters: Object.fromEntries(Object.entries(initial).map(([key, { shape }]) => [key, { shape }])),
    input: { shape: [domain.largest, domain.features + domain.largest], varies: [0, 1], discrete: true },
    target: { shape: task === "graph" ? [classes] : [domain.largest, classes], kind: "distribution" },
    lossKind: "cross-entropy",
    init: (rng) => Object.fromEntries(Object.entries(initial).map(([key, of]) => [key, drawn(of, rng.split(key))])),
    forward: (p, { input }) => {
      const graph = graphTensors(input!);
      const embedded = names.reduce(
        (h, prefix) => activation(layer.forward(arraysOf(p, prefix, initial), h, graph, activation)),
        graph.features,
      );
      const read = task === "graph" ? pooled(embedded, graph, pooling) : embedded;
      const first = activation(linear(read, p["readout.0.weight"]!, p["readout.0.bias"]));
      return linear(first, p["readout.1.weight"]!, p["readout.1.bias"]);
    },
    loss: (output, { target }) => crossEntropy(output, target!),
  };
}

/** The embedding of the graph [B, H] from those of its nodes [B, n, H]. */
function pooled(h: Tensor, { present }: GraphTensors, pooling: "mean" | "sum"): Tensor {
  const total = sum(mul(h, present), [1]);
  return pooling === "sum" ? total : div(total, sum(present, [1]));
}

function prefixed(prefix: string, arrays: Readonly<Record<string, InitialArray>>): Record<string, InitialArray> {
  return Object.fromEntries(Object.entries(arrays).map(([key, of]) => [`${prefix}.${key}`, of]));
}

/** The arrays of one layer without its prefix. */
function arraysOf(p: Tensors, prefix: string, initial: Readonly<Record<string, InitialArray>>): Tensors {
  const own = Object.keys(initial).filter((key) => key.startsWith(`${prefix}.`));
  return Object.fromEntries(own.map((key) => [key.slice(prefix.length + 1), p[key]!]));
}

function drawn({ shape, variance }: InitialArray, rng: Rng): NdArray {
  const deviation = Math.sqrt(variance);
  const value = deviation === 0 ? (): number => 0 : (): number => deviation * rng.normal();
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, value) };
}
