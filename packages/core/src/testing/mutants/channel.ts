import { type Arrays, mul, type NdArray, type Op, square, sub, sum, type Tensor, type Tensors } from "@recon/engine";
import { clipNorm } from "../../defences/channel/clip.ts";
import { gaussianNoise } from "../../defences/channel/noise.ts";
import type { Channel, Defence, Likelihood } from "../../problem.ts";
import type { Mutant } from "./mutant.ts";

function withChannel(defence: Defence, change: (right: Channel) => Partial<Channel>): Defence {
  const right = defence.channel!;
  return { ...defence, channel: { ...right, ...change(right) } };
}

const noise = (): Defence => gaussianNoise({ std: 0.1 });
const clip = (): Defence => clipNorm({ threshold: 2 });

function map(arrays: Arrays, f: (array: NdArray) => NdArray): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, f(array)]));
}

function mapTensors(tensors: Tensors, f: (x: Tensor) => Tensor): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, f(x)]));
}

/** A likelihood ½ Σ (g − y)² · factor, whatever the noise. */
function likelihoodWith(negative: (clean: Tensor, seen: Tensor) => Tensor): () => Likelihood {
  return () => ({
    proper: true,
    negativeLog: (clean, seen) =>
      Object.entries(seen)
        .map(([name, y]) => sum(negative(clean[name]!, y)))
        .reduce((a, b) => sub(a, mul(b, -1))),
  });
}

const blind: Op = {
  name: "identity without derivative",
  vjp: () => [null],
  evaluate: (_node, [x]) => x!,
  lower: (_node, [x]) => x!,
};

let calls = 0;

/** Channels that are wrong on purpose, each with the law that catches it. The options of the test give each its zero strength. */
export const channelMutants: readonly Mutant<Defence>[] = [
  {
    name: "flattens every tensor",
    law: "keeps names, shapes and finiteness, and float32 as float32",
    make: () =>
      withChannel(clip(), (right) => ({
        apply: (clean, rng) => map(right.apply(clean, rng), ({ data }) => ({ shape: [data.length], data })),
      })),
  },
  {
    name: "works in the caller's memory",
    law: "neither changes the clean observation nor shares memory with it",
    make: () =>
      withChannel(noise(), (right) => ({
        apply: (clean, rng) => {
          const seen = right.apply(clean, rng);
          for (const [name, { data }] of Object.entries(seen)) clean[name]!.data.set(data);
          return seen;
        },
      })),
  },
  {
    name: "leaks the clean observation: hands its own arrays on",
    law: "neither changes the clean observation nor shares memory with it",
    make: () => withChannel(clip(), () => ({ apply: (clean) => clean })),
  },
  {
    name: "keeps noise between uses",
    law: "deterministic under the seed; without noise, under any seed but for what is visible",
    make: () =>
      withChannel(noise(), (right) => ({
        apply: (clean, rng) => {
          calls++;
          return right.apply(clean, rng.split(`${calls}`));
        },
      })),
  },
  {
    name: "says it has no noise",
    law: "deterministic under the seed; without noise, under any seed but for what is visible",
    make: () => withChannel(noise(), () => ({ noiseStd: () => 0 })),
  },
  {
    name: "knows a clip of half the threshold",
    law: "the known part is what the channel does, and the stated noise is what it adds",
    make: () => withChannel(clip(), () => ({ known: (clean) => clipNorm({ threshold: 1 }).channel!.known(clean) })),
  },
  {
    name: "states the variance as the standard deviation",
    law: "the known part is what the channel does, and the stated noise is what it adds",
    make: () => withChannel(noise(), () => ({ noiseStd: () => 0.01 })),
  },
  {
    name: "shifts what it noises",
    law: "the known part is what the channel does, and the stated noise is what it adds",
    make: () =>
      withChannel(noise(), (right) => ({
        apply: (clean, rng) => map(right.apply(clean, rng), (a) => ({ ...a, data: a.data.map((v) => v + 0.05) })),
      })),
  },
  {
    name: "its likelihood forgets the half",
    law: "a proper likelihood integrates to the same for every clean value, with the stated noise",
    make: () => withChannel(noise(), () => ({ likelihood: likelihoodWith((g, y) => mul(square(sub(g, y)), 100)) })),
  },
  {
    name: "its likelihood depends on the clean value alone as well",
    law: "a proper likelihood integrates to the same for every clean value, with the stated noise",
    make: () =>
      withChannel(noise(), () => ({
        likelihood: likelihoodWith((g, y) => sub(mul(square(sub(g, y)), 50), mul(square(g), 0.1))),
      })),
  },
  {
    name: "its likelihood is upside down",
    law: "the likelihood is best at what was observed",
    make: () => withChannel(noise(), () => ({ likelihood: likelihoodWith((g, y) => mul(square(sub(g, y)), -50)) })),
  },
  {
    name: "its known part has no derivative",
    law: "the known part's derivative agrees with finite differences",
    make: () =>
      withChannel(noise(), () => ({
        known: (clean) =>
          mapTensors(clean, (x) => ({ op: blind, inputs: [x], attributes: {}, shape: x.shape, dtype: x.dtype })),
      })),
  },
  {
    name: "shows a mask that is not there",
    law: "a mask it says is visible is: exactly the entries the mask drops are zero",
    make: () =>
      withChannel(noise(), () => ({
        visible: (seen) => ({
          "mask bias": { shape: [4], data: Float64Array.from(seen.bias!.data, (_, i) => Number(i > 0)) },
        }),
      })),
  },
  {
    name: "says that what it clipped was no larger",
    law: "the clean observation lies within what the channel says of its input",
    make: () => withChannel(clip(), () => ({ preimage: (output) => output })),
  },
];

/** A defence that goes on acting at zero strength. */
export function leakyZero(): Defence {
  return withChannel(gaussianNoise({ std: 0 }), (right) => ({
    apply: (clean, rng) => map(right.apply(clean, rng), (a) => ({ ...a, data: a.data.map((v) => v * (1 + 1e-9)) })),
  }));
}
