import type { DataToFit, Model } from "@recon/core";
import { checkOptions } from "@recon/core/options";
import { add, div, equal, linear, matmul, sum, toFloat } from "@recon/engine";
import { filledModelOptions, type GraphModelOptions, graphModel, graphModelChecks } from "./graph-model.ts";

/**
 * GraphSAGE with the mean as aggregator: h ← s(h W₁ᵀ + D⁻¹ A (h W₂ᵀ)), D the degrees; a node without neighbours hears nothing. No biases before the readout, no
 * normalisation of embeddings, and all neighbours are heard instead of a sample.
 *
 * @throws ReconError `bad-option`; `shape` where the data is not of graphs.
 * @see W. Hamilton, R. Ying, J. Leskovec, "Inductive representation learning on large graphs", NeurIPS 2017, algorithm 1.
 */
export function graphSage(options: GraphModelOptions, data: DataToFit): Model {
  checkOptions("graph-sage", options, graphModelChecks);
  return graphModel("graph-sage", { ...filledModelOptions(options, data) }, data, {
    parameters: (into, out) => {
      const weight = { shape: [out, into], variance: 2 / (into + out) };
      return { "self.weight": weight, "neighbours.weight": weight };
    },
    forward: (p, h, { adjacency }) => {
      const heard = matmul(adjacency, linear(h, p["neighbours.weight"]!));
      const degrees = sum(adjacency, [2], true);
      return add(linear(h, p["self.weight"]!), div(heard, add(degrees, toFloat(equal(degrees, 0)))));
    },
  });
}
