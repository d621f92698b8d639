import type { DataToFit, Model } from "@recon/core";
import { checkOptions } from "@recon/core/options";
import { add, linear, matmul, mul, power, sum, type Tensor, transpose } from "@recon/engine";
import { filledModelOptions, type GraphModelOptions, graphModel, graphModelChecks } from "./graph-model.ts";
import { type GraphTensors, selfLoops } from "./graph-tensors.ts";

/**
 * Graph convolutional network: h ← s(Â (h Wᵀ)) with Â = D^−½ (A + I) D^−½ and D the degrees of A + I; no biases before the readout.
 *
 * @throws ReconError `bad-option`; `shape` where the data is not of graphs.
 * @see T. Kipf, M. Welling, "Semi-supervised classification with graph convolutional networks", ICLR 2017, eq. 2.
 */
export function gcn(options: GraphModelOptions, data: DataToFit): Model {
  checkOptions("gcn", options, graphModelChecks);
  return graphModel("gcn", { ...filledModelOptions(options, data) }, data, {
    parameters: (into, out) => ({ weight: { shape: [out, into], variance: 2 / (into + out) } }),
    forward: (p, h, graph) => matmul(normalised(graph), linear(h, p.weight!)),
  });
}

/** Â [B, n, n]. Rows without a node are those of the identity. */
function normalised({ adjacency }: GraphTensors): Tensor {
  const looped = add(adjacency, selfLoops(adjacency.shape[1]!));
  const scale = power(sum(looped, [2], true), -0.5);
  return mul(mul(looped, scale), transpose(scale, [0, 2, 1]));
}
