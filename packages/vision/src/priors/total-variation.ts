import { type EnergyPrior, ReconError } from "@recon/core";
import { checkOptions, flag, positive, real } from "@recon/core/options";
import { abs, add, concat, mean, mul, pad, power, type Shape, sizeOf, slice, sub, type Tensor } from "@recon/engine";

export interface TotalVariationOptions {
  /** Factor of the energy, at least 0. .2 unless said. */
  readonly weight?: number;
  /** Exponent of a single difference. 1 unless said. */
  readonly p?: number;
  /** Exponent of their sum. 1 unless said; p = 2, q = ½ is the isotropic form. */
  readonly q?: number;
  /** Add the differences R−G, R−B and G−B as channels; three channels only. */
  readonly colour?: boolean;
}

/** Keeps powers below 1 differentiable where neighbours are equal. */
const smallest = 1e-8;

/** x[…, i + 1] − x[…, i] along an axis, 0 at the last position. */
function forwardDifference(x: Tensor, axis: number): Tensor {
  const at = (position: number): number[] => x.shape.map((_, i) => (i === axis ? position : 0));
  const sizes = x.shape.map((extent, i) => (i === axis ? extent - 1 : extent));
  const difference = sub(slice(x, at(1), sizes), slice(x, at(0), sizes));
  return pad(difference, at(0), at(1));
}

/** Channels R−G, R−B and G−B after the three of x. */
function withColourDifferences(x: Tensor): Tensor {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  if (channels !== 3) {
    throw new ReconError(
      "shape",
      `totalVariation: colour differences need 3 channels, and there are ${channels}. Leave "colour" out.`,
    );
  }
  const channel = (c: number): Tensor => slice(x, [0, c, 0, 0], [batch, 1, height, width]);
  const [r, g, b] = [channel(0), channel(1), channel(2)];
  return concat([x, sub(r, g), sub(r, b), sub(g, b)], 1);
}

/**
 * Total variation of images x [B, C, H, W], for any number of channels:
 *
 *     R(x) = weight · mean over (b, c, h, w) of ( (|dx| + e)ᵖ + (|dy| + e)ᵖ )^q,  e = 1e-8
 *
 * with forward differences dx along the width and dy along the height, 0 at the last column and row, so that a constant image has none.
 *
 * @throws ReconError `bad-option`; `shape` from `energy` when x has not four axes, or `colour` meets other than three channels.
 * @see L. Rudin, S. Osher, E. Fatemi, "Nonlinear total variation based noise removal algorithms", Physica D 60 (1992); J. Geiping et al.,
 * "Inverting Gradients", NeurIPS 2020, eq. 4.
 */
export function totalVariation(options: TotalVariationOptions = {}): EnergyPrior {
  checkOptions("totalVariation", options, { weight: real(0), p: positive(), q: positive(), colour: flag() });
  const { weight = 0.2, p = 1, q = 1, colour = false } = options;
  const slope = (difference: Tensor): Tensor => power(add(abs(difference), smallest), p);
  return {
    kind: "energy",
    name: "total-variation",
    options: { weight, p, q, colour },
    energy: (x) => {
      if (x.shape.length !== 4) {
        throw new ReconError("shape", `totalVariation needs images [B, C, H, W], not [${x.shape.join(", ")}].`);
      }
      const planes = colour ? withColourDifferences(x) : x;
      const steepness = add(slope(forwardDifference(planes, 3)), slope(forwardDifference(planes, 2)));
      return mul(mean(power(steepness, q)), weight);
    },
    // Every constant image has no variation; zero is the mean image of normalised data.
    blind: (shape: Shape) => ({ shape, data: new Float32Array(sizeOf(shape)) }),
  };
}
