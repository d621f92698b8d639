import { add, constant, linear, mean, mul, neg, scalar, square, sum } from "@recon/engine";
import type { EnergyPrior, GeneratorPrior, Prior } from "../../problem.ts";
import { drawNormal } from "../draw.ts";
import { denoiserMutants } from "./denoiser.ts";
import { identityWith } from "./identity-with.ts";
import type { Mutant } from "./mutant.ts";

/** R(x) = mean x², as plain as an energy can be. */
export function meanSquare(): EnergyPrior {
  return {
    kind: "energy",
    name: "mean square",
    options: {},
    energy: (x) => mean(square(x)),
    blind: (shape, _rng) => ({ shape, data: new Float64Array(shape.reduce((n, extent) => n * extent, 1)) }),
  };
}

/** x = z Wᵀ + b, as plain as a generator can be; W is fixed, z and b are free. */
export function linearGenerator(): GeneratorPrior {
  return {
    kind: "generator",
    name: "linear",
    options: {},
    init: (shape, rng) => ({
      code: drawNormal([shape[0]!, 2], rng.split("code")),
      offset: drawNormal([shape[1]!], rng.split("offset")),
    }),
    decode: (latent, shape) => {
      const features = shape[1]!;
      const weight = constant(
        Float64Array.from({ length: 2 * features }, (_, i) => Math.cos(i)),
        [features, 2],
      );
      return linear(latent.code!, weight, latent.offset!);
    },
  };
}

let calls = 0;

/** Priors that are wrong on purpose, each with the law that catches it. */
export const priorMutants: readonly Mutant<Prior>[] = [
  {
    name: "an energy for every item instead of one",
    law: "an energy is a finite scalar; what a generator or a denoiser makes has the shape asked for; for batches of one and of many",
    make: () => ({ ...meanSquare(), energy: (x) => sum(square(x), [1]) }),
  },
  {
    name: "divides by the batch less one",
    law: "an energy is a finite scalar; what a generator or a denoiser makes has the shape asked for; for batches of one and of many",
    make: () => ({ ...meanSquare(), energy: (x) => mul(sum(square(x)), 1 / (x.shape[0]! - 1)) }),
  },
  {
    name: "a generator of one item whatever is asked",
    law: "an energy is a finite scalar; what a generator or a denoiser makes has the shape asked for; for batches of one and of many",
    make: () => ({ ...linearGenerator(), init: (shape, rng) => linearGenerator().init([1, shape[1]!], rng) }),
  },
  {
    name: "off by two in the gradient",
    law: "the gradient agrees with finite differences",
    make: () => ({ ...meanSquare(), energy: (x) => identityWith((c) => mul(c, 2))(mean(square(x))) }),
  },
  {
    name: "a generator that learns uphill",
    law: "the gradient agrees with finite differences",
    make: () => {
      const right = linearGenerator();
      return { ...right, decode: (latent, shape) => identityWith((c) => neg(c))(right.decode(latent, shape)) };
    },
  },
  {
    name: "another energy every time",
    law: "deterministic under the seed, and its options survive JSON",
    make: () => ({
      ...meanSquare(),
      energy: (x) => {
        calls++;
        return add(mean(square(x)), scalar(1e-6 * calls));
      },
    }),
  },
  {
    name: "a generator that ignores the seed",
    law: "deterministic under the seed, and its options survive JSON",
    make: () => ({
      ...linearGenerator(),
      init: (shape) => ({
        code: { shape: [shape[0]!, 2], data: new Float64Array(2 * shape[0]!).fill(1) },
        offset: { shape: [shape[1]!], data: new Float64Array(shape[1]!).fill(1) },
      }),
    }),
  },
  {
    name: "a blind guess for one item only",
    law: "says what to guess without an observation: finite, of the shape asked for, following the seed",
    make: () => ({
      ...meanSquare(),
      blind: (shape) => ({ shape: [1, ...shape.slice(1)], data: new Float64Array(shape[1]!) }),
    }),
  },
  {
    name: "a generator with a variable it does not use",
    law: "a generator's output depends on every one of its free variables",
    make: () => {
      const right = linearGenerator();
      return {
        ...right,
        decode: (latent, shape) => right.decode({ ...latent, offset: mul(latent.offset!, 0) }, shape),
      };
    },
  },
  {
    name: "knows nothing without an observation",
    law: "says what to guess without an observation: finite, of the shape asked for, following the seed",
    make: () => {
      const { blind: _blind, ...rest } = meanSquare();
      return rest;
    },
  },
  {
    name: "divides by the items of no batch",
    law: "a batch of none is a clear error, or gives finite numbers",
    make: () => ({ ...meanSquare(), energy: (x) => mul(sum(square(x)), 1 / x.shape[0]!) }),
  },
  ...denoiserMutants,
];
