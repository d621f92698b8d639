import type { DataToFit, Model } from "@recon/core";
import { checkOptions } from "@recon/core/options";
import { add, linear, matmul } from "@recon/engine";
import { filledModelOptions, type GraphModelOptions, graphModel, graphModelChecks } from "./graph-model.ts";
import { selfLoops } from "./graph-tensors.ts";

/**
 * Graph isomorphism network, GIN-0: h ← s( s((A + I) (h W₁ᵀ)) W₂ᵀ ); no biases before the readout and no batch normalisation.
 *
 * The sum over neighbours is taken after the first linear map, with which it commutes.
 *
 * @throws ReconError `bad-option`; `shape` where the data is not of graphs.
 * @see K. Xu et al., "How powerful are graph neural networks?", ICLR 2019, eq. 4.1.
 */
export function gin(options: GraphModelOptions, data: DataToFit): Model {
  checkOptions("gin", options, graphModelChecks);
  return graphModel("gin", { ...filledModelOptions(options, data) }, data, {
    parameters: (into, out) => ({
      "0.weight": { shape: [out, into], variance: 2 / (into + out) },
      "1.weight": { shape: [out, out], variance: 1 / out },
    }),
    forward: (p, h, { adjacency }, activation) => {
      const looped = add(adjacency, selfLoops(adjacency.shape[1]!));
      return linear(activation(matmul(looped, linear(h, p["0.weight"]!))), p["1.weight"]!);
    },
  });
}
