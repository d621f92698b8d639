import type { EnergyPrior } from "@recon/core";
import { div, maximum, mul, reshape, square, sub, sum, type Tensor } from "@recon/engine";
import { graphTensors } from "../../models/graph-tensors.ts";

/** How many pairs with an edge a graph of no edges counts as, so that the quotients stay finite. */
const least = 1e-3;

/** w · tr(Xᵀ L X) / Σ A with L = D − A: the mean of ‖xᵢ − xⱼ‖² over edges, small where neighbours have like features. */
export function featureSmoothness(weight: number): EnergyPrior {
  return {
    kind: "energy",
    name: "feature smoothness",
    options: { weight },
    energy: (x: Tensor): Tensor => {
      const { features, adjacency } = graphTensors(x);
      const [batch, nodes, columns] = features.shape as [number, number, number];
      const apart = sub(reshape(features, [batch, nodes, 1, columns]), reshape(features, [batch, 1, nodes, columns]));
      const along = sum(mul(sum(square(apart), [3]), adjacency));
      return mul(quotient(along, sum(adjacency)), weight / 2);
    },
  };
}

/** w · Σ A / Σ (pairs of nodes): the share of pairs with an edge. */
export function edgeSparsity(weight: number): EnergyPrior {
  return {
    kind: "energy",
    name: "edge sparsity",
    options: { weight },
    energy: (x: Tensor): Tensor => {
      const { adjacency, present } = graphTensors(x);
      const sizes = sum(present, [1]);
      return mul(quotient(sum(adjacency), sum(sub(square(sizes), sizes))), weight);
    },
  };
}

function quotient(a: Tensor, b: Tensor): Tensor {
  return div(a, maximum(b, least));
}
