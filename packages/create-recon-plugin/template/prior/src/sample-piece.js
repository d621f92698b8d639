import { ReconError } from "@recon/core";
import { checkOptions, real } from "@recon/core/options";
import { mean, mul, slice, square, sub } from "@recon/engine";

/**
 * Neighbours along the last axis are alike: R(x) = weight · mean (x[…, i + 1] − x[…, i])².
 *
 * A place to start: write the energy of what you know of the data, −log p(x) up to a constant, from operations of the engine.
 *
 * @param {{ weight?: number }} options `weight`: factor of the energy, at least 0; 1 unless said.
 * @returns {import("@recon/core").EnergyPrior}
 */
export function samplePiece(options = {}) {
  checkOptions("sample-piece", options, { weight: real(0) });
  const { weight = 1 } = options;
  return {
    kind: "energy",
    name: "sample-piece",
    // What is needed to make it again: it stands in the record of every result.
    options: { weight },
    energy: (x) => {
      const last = x.shape.length - 1;
      const extent = x.shape[last];
      if (last < 1 || extent < 2) {
        throw new ReconError(
          "shape",
          `sample-piece needs at least two neighbours along the last axis, not [${x.shape.join(", ")}].`,
        );
      }
      const part = (start) =>
        slice(
          x,
          x.shape.map((_, axis) => (axis === last ? start : 0)),
          x.shape.map((size, axis) => (axis === last ? size - 1 : size)),
        );
      return mul(mean(square(sub(part(1), part(0)))), weight);
    },
    // What someone would say who has this prior and no observation: any constant does; zero is the mean of normalised data.
    blind: (shape) => ({ shape, data: new Float64Array(shape.reduce((size, extent) => size * extent, 1)) }),
  };
}
