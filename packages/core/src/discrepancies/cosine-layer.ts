import { add, mul } from "@recon/engine";
import { ReconError } from "../errors.ts";
import { oneMinusCosine } from "./angle.ts";
import type { Discrepancy } from "./discrepancy.ts";
import { type LayerWeighting, layerWeightings, layerWeights } from "./layer-weights.ts";
import { pairsOf } from "./pairs.ts";

export interface CosineLayerOptions {
  readonly weights?: LayerWeighting;
}

/** d = Σₗ wₗ (1 − cos(gₗ, oₗ)), every tensor by itself. @throws ReconError `bad-option` for an unknown weighting. */
export function cosineLayer({ weights = "equal" }: CosineLayerOptions = {}): Discrepancy {
  if (!layerWeightings.includes(weights)) {
    throw new ReconError(
      "bad-option",
      `Option "weights" of cosineLayer is "${weights}"; allowed: ${layerWeightings.join(", ")}.`,
    );
  }
  return {
    name: "cosine-layer",
    options: { weights },
    distance: (candidate, observed) => {
      const pairs = pairsOf(candidate, observed);
      const w = layerWeights(weights, pairs.length);
      return pairs
        .map((pair, l) => mul(oneMinusCosine([pair.candidate], [pair.observed]), w[l]!))
        .reduce((total, part) => add(total, part));
    },
  };
}
