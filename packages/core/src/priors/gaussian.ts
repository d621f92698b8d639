import { constant, mul, type NdArray, type Shape, scalar, sizeOf, square, sub, sum, type Tensor } from "@recon/engine";
import { ReconError } from "../errors.ts";
import type { EnergyPrior } from "../problem.ts";
import type { Rng } from "../random.ts";

export interface GaussianPriorOptions {
  /** μ: one number for every entry, or an array that broadcasts against the unknown; 0 unless given. */
  readonly mean?: NdArray | number;
  /** τ > 0, the standard deviation of an entry; 1 unless given. */
  readonly std?: number;
}

/** A prior that can be drawn from. */
export interface GaussianPrior extends EnergyPrior {
  sample(shape: Shape, rng: Rng): NdArray;
  blind(shape: Shape, rng: Rng): NdArray;
}

/**
 * Independent normal entries, N(μ, τ² I): R(x) = ‖x − μ‖² / 2τ², which is −log p(x) up to a constant.
 *
 * Its blind guess is the mean, which has the least squared error of all guesses: τ² an entry. Its information is 1/τ² an entry.
 *
 * @throws ReconError `bad-option` for a mean that is not finite or a standard deviation that is not a finite number above 0.
 */
export function gaussian(options: GaussianPriorOptions = {}): GaussianPrior {
  const { mean = 0, std = 1 } = options;
  const means = typeof mean === "number" ? Float64Array.of(mean) : mean.data;
  if (!means.every(Number.isFinite)) {
    throw new ReconError("bad-option", `Option "mean" of the prior "gaussian" must be finite.`);
  }
  if (!(std > 0 && Number.isFinite(std))) {
    throw new ReconError("bad-option", `Option "std" of the prior "gaussian" must be a number above 0, not ${std}.`);
  }
  const centre = typeof mean === "number" ? scalar(mean) : constant(mean.data, mean.shape);
  const meanOf = (shape: Shape): Float64Array => broadcastMean(mean, shape);
  return {
    kind: "energy",
    name: "gaussian",
    options: { mean: typeof mean === "number" ? mean : Array.from(mean.data), std },
    // Divided before squaring: τ² may underflow in float32 where τ does not.
    energy: (x: Tensor): Tensor => mul(sum(square(mul(sub(x, centre), 1 / std))), 0.5),
    sample: (shape, rng) => ({ shape, data: meanOf(shape).map((value) => value + std * rng.normal()) }),
    blind: (shape) => ({ shape, data: meanOf(shape) }),
  };
}

/** The mean for every entry of an array of the given shape, aligned at the last axes. */
function broadcastMean(mean: NdArray | number, shape: Shape): Float64Array {
  const size = sizeOf(shape);
  if (typeof mean === "number") return new Float64Array(size).fill(mean);
  const own = [...new Array<number>(Math.max(0, shape.length - mean.shape.length)).fill(1), ...mean.shape];
  if (own.length !== shape.length || own.some((extent, axis) => extent !== 1 && extent !== shape[axis])) {
    throw new ReconError(
      "shape",
      `The mean of the prior "gaussian" has shape [${mean.shape.join(", ")}], which does not broadcast to [${shape.join(", ")}].`,
    );
  }
  return Float64Array.from({ length: size }, (_, flat) => {
    let [rest, place, stride] = [flat, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const index = rest % shape[axis]!;
      rest = (rest - index) / shape[axis]!;
      if (own[axis] !== 1) place += index * stride;
      stride *= own[axis]!;
    }
    return mean.data[place]!;
  });
}
