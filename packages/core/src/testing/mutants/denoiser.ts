import { add, div, mean, mul, reshape, type Shape, square, sub, sum, type Tensor } from "@recon/engine";
import type { DenoiserPrior, Prior } from "../../problem.ts";
import { drawNormal } from "../draw.ts";
import { identityWith } from "./identity-with.ts";
import type { Mutant } from "./mutant.ts";

/** σ as it broadcasts against y: a scalar, or one an item. */
function spread(sigma: Tensor, y: Tensor): Tensor {
  return sigma.shape.length === 0 ? sigma : reshape(sigma, [sigma.shape[0]!, ...y.shape.slice(1).map(() => 1)]);
}

/** D(y, σ) = y / (1 + σ²), exact for x ~ N(0, I): as plain as a denoiser can be. */
export function shrinkage(): DenoiserPrior {
  return {
    kind: "denoiser",
    name: "shrinkage",
    options: {},
    denoise: (y, sigma) => div(y, add(square(spread(sigma, y)), 1)),
    sigmaRange: [0.1, 2],
    blind: (shape, _rng) => ({ shape, data: new Float64Array(shape.reduce((n, extent) => n * extent, 1)) }),
    sample: (shape, rng) => drawNormal(shape, rng),
  };
}

/** −log p_σ(y) where x ~ N(0, I): ‖y‖² / 2 (1 + σ²). */
export function smoothedNormal(y: Tensor, sigma: number): Tensor {
  return mul(sum(square(y)), 0.5 / (1 + sigma ** 2));
}

function changed(change: (out: Tensor, y: Tensor, sigma: Tensor) => Tensor): () => Prior {
  const right = shrinkage();
  return () => ({ ...right, denoise: (y, sigma) => change(right.denoise(y, sigma), y, sigma) });
}

let calls = 0;

/** Denoisers that are wrong on purpose, each with the law that catches it. */
export const denoiserMutants: readonly Mutant<Prior>[] = [
  {
    name: "a denoiser of one item whatever is asked",
    law: "an energy is a finite scalar; what a generator or a denoiser makes has the shape asked for; for batches of one and of many",
    make: changed((out) => mean(out, [0], true)),
  },
  {
    name: "a denoiser that takes one σ an item for their sum",
    law: "an energy is a finite scalar; what a generator or a denoiser makes has the shape asked for; for batches of one and of many",
    make: () => ({ ...shrinkage(), denoise: (y, sigma) => shrinkage().denoise(y, sum(sigma)) }),
  },
  {
    name: "a denoiser for σ from 0",
    law: "an energy is a finite scalar; what a generator or a denoiser makes has the shape asked for; for batches of one and of many",
    make: () => ({ ...shrinkage(), sigmaRange: [0, 2] }),
  },
  {
    name: "a denoiser off by two in the derivative",
    law: "the gradient agrees with finite differences",
    make: changed((out) => identityWith((c) => mul(c, 2))(out)),
  },
  {
    name: "a denoiser that adds noise of its own",
    law: "deterministic under the seed, and its options survive JSON",
    make: changed((out) => {
      calls++;
      return mul(out, 1 + 1e-9 * calls);
    }),
  },
  {
    name: "a denoiser whose sample is for one item only",
    law: "says what to guess without an observation: finite, of the shape asked for, following the seed",
    make: () => ({ ...shrinkage(), sample: (shape: Shape, rng) => drawNormal([1, ...shape.slice(1)], rng) }),
  },
  {
    name: "mixes the batch: removes what its items have in common",
    law: "a denoiser treats every item of a batch alike, whatever stands beside it",
    make: changed((out) => sub(out, mul(mean(out, [0], true), 0.1))),
  },
  {
    name: "a denoiser that walks downhill",
    law: "a denoiser's score points up the smoothed density, where that is known",
    make: changed((out, y) => sub(mul(y, 2), out)),
  },
];
