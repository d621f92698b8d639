import {
  add,
  constant,
  maximum,
  mean,
  mul,
  type NdArray,
  type Shape,
  scalar,
  square,
  sub,
  type Tensor,
} from "@recon/engine";
import { ReconError } from "../errors.ts";
import type { EnergyPrior } from "../problem.ts";
import type { Rng } from "../random.ts";

/** One term of a weighted sum. */
export interface WeightedPrior {
  readonly prior: EnergyPrior;
  readonly weight: number;
}

/**
 * Several energies as one: R(x) = Σ wᵢ Rᵢ(x). A term of weight 0 is left out of the graph; without terms R = 0.
 *
 * Its blind guess is that of the first term that has one.
 *
 * @throws ReconError `bad-option` for a negative or non-finite weight.
 */
export function weightedSum(terms: readonly WeightedPrior[]): EnergyPrior {
  for (const { prior, weight } of terms) checkWeight(prior.name, weight);
  const blind = terms.find(({ prior }) => prior.blind !== undefined)?.prior.blind;
  return {
    kind: "energy",
    name: terms.map(({ prior, weight }) => `${weight} ${prior.name}`).join(" + ") || "zero",
    options: terms.map(({ prior, weight }) => ({ name: prior.name, options: prior.options, weight })),
    energy: (x: Tensor): Tensor =>
      terms
        .filter(({ weight }) => weight > 0)
        .map(({ prior, weight }) => mul(prior.energy(x), weight))
        .reduce((total: Tensor | undefined, term) => (total === undefined ? term : add(total, term)), undefined) ??
      scalar(0),
    ...(blind === undefined ? {} : { blind }),
  };
}

export interface BoxPenaltyOptions {
  /** Bounds that broadcast against the unknown. */
  readonly lower: NdArray | number;
  readonly upper: NdArray | number;
  readonly weight?: number;
}

/**
 * A soft box: R(x) = w · mean( max(0, l − x)² + max(0, x − u)² ), zero inside.
 *
 * Its blind guess is the middle of the box.
 *
 * @throws ReconError `bad-option` for a negative weight or where l > u.
 */
export function boxPenalty({ lower, upper, weight = 1 }: BoxPenaltyOptions): EnergyPrior {
  checkWeight("box", weight);
  const low = bound(lower);
  const high = bound(upper);
  const plain = (x: NdArray | number): number | number[] => (typeof x === "number" ? x : Array.from(x.data));
  if (typeof lower === "number" && typeof upper === "number" && !(lower <= upper)) {
    throw new ReconError(
      "bad-option",
      `Option "lower" of the box penalty must be at most "upper", not ${lower} > ${upper}.`,
    );
  }
  return {
    kind: "energy",
    name: "box",
    options: { lower: plain(lower), upper: plain(upper), weight },
    energy: (x: Tensor): Tensor => {
      const below = square(maximum(sub(low, x), 0));
      const above = square(maximum(sub(x, high), 0));
      return mul(mean(add(below, above)), weight);
    },
    ...(typeof lower === "number" && typeof upper === "number"
      ? {
          blind: (shape: Shape, _rng: Rng): NdArray => {
            const size = shape.reduce((total, extent) => total * extent, 1);
            return { shape, data: new Float64Array(size).fill((lower + upper) / 2) };
          },
        }
      : {}),
  };
}

function bound(value: NdArray | number): Tensor {
  return typeof value === "number" ? scalar(value) : constant(value.data, value.shape);
}

function checkWeight(name: string, weight: number): void {
  if (!(weight >= 0 && Number.isFinite(weight))) {
    throw new ReconError(
      "bad-option",
      `Option "weight" of prior "${name}" must be a number of at least 0, not ${weight}.`,
    );
  }
}
