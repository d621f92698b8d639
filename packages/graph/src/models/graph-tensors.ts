import { constant, greater, mul, reshape, slice, type Tensor, toFloat, transpose } from "@recon/engine";

/** The parts of a batch of graphs [B, n, D + n], filled up with −1. */
export interface GraphTensors {
  /** Node features [B, n, D], 0 where there is no node. */
  readonly features: Tensor;
  /** Weights of edges [B, n, n], 0 where there is no node. */
  readonly adjacency: Tensor;
  /** 1 where there is a node, 0 elsewhere, [B, n, 1]. */
  readonly present: Tensor;
}

/** Reads a batch: rows whose first feature is not above −½ are no nodes. */
export function graphTensors(input: Tensor): GraphTensors {
  const [batch, nodes, columns] = input.shape as [number, number, number];
  const features = columns - nodes;
  const present = toFloat(greater(slice(input, [0, 0, 0], [batch, nodes, 1]), -0.5));
  const across = transpose(present, [0, 2, 1]);
  return {
    features: mul(slice(input, [0, 0, 0], [batch, nodes, features]), present),
    adjacency: mul(mul(slice(input, [0, 0, features], [batch, nodes, nodes]), present), across),
    present,
  };
}

/** The identity [1, n, n]. */
export function selfLoops(nodes: number): Tensor {
  const values = new Float64Array(nodes * nodes);
  for (let i = 0; i < nodes; i++) values[i * nodes + i] = 1;
  return reshape(constant(values, [nodes, nodes]), [1, nodes, nodes]);
}
