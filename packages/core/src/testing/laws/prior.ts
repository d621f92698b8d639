import { type Arrays, constant, dot, type Tensor, type Tensors } from "@recon/engine";
import type { DenoiserPrior, EnergyPrior, GeneratorPrior } from "../../problem.ts";
import { demandDerivative } from "../derivative.ts";
import { drawLike, drawNormal } from "../draw.ts";
import { demandNothingFromNothing } from "../empty-batch.ts";
import { evaluateScalar, evaluateTensors, relativeDifference } from "../evaluate.ts";
import { demand } from "../law.ts";
import { copyArrays, demandEqual, demandFinite, demandJson } from "../snapshot.ts";
import * as denoiser from "./denoiser.ts";
import { batchShapes, drawUnknown, priorLaw as law, type PriorCheck, type PriorLaw, withBatch } from "./prior-law.ts";

/** Of every kind: a floor needs somebody who guesses. A generator's own start is a guess. */
const guesses: PriorCheck<EnergyPrior | GeneratorPrior | DenoiserPrior> = (prior, options, rng) => {
  demand(
    prior.kind === "generator" || prior.blind !== undefined || prior.sample !== undefined,
    "It has neither a blind guess nor a way to sample, so nobody can say what it knows without an observation.",
  );
  for (const [what, guess] of Object.entries({ "blind guess": prior.blind, sample: prior.sample })) {
    for (const shape of guess === undefined ? [] : batchShapes(options)) {
      const made = guess!(shape, rng.split("guess"));
      demand(made.shape.join() === shape.join(), `The ${what} has shape [${made.shape}], not [${shape}].`);
      demandFinite({ made }, `The ${what}`);
      demandEqual({ made }, { made: guess!(shape, rng.split("guess")) }, `Equal seeds give another ${what}`);
    }
  }
};

const energyOf =
  (prior: EnergyPrior): ((t: Tensors) => Tensor) =>
  (t) =>
    prior.energy(t.x!);

const finite = law(
  "an energy is a finite scalar; what a generator or a denoiser makes has the shape asked for; for batches of one and of many",
  {
    energy: (prior, options, rng) => {
      for (const shape of batchShapes(options)) {
        const at = drawUnknown({ ...options, shape }, rng);
        demand(prior.energy(constant(at.x!.data, at.x!.shape)).shape.length === 0, "The energy is not a scalar.");
        const value = evaluateScalar(energyOf(prior), at);
        demand(Number.isFinite(value), `The energy of a batch of ${shape[0]} is ${value}.`);
      }
    },
    generator: (prior, options, rng) => {
      for (const shape of batchShapes(options)) {
        const latent = prior.init(shape, rng.split("latent"));
        const out = evaluateTensors((z) => ({ x: prior.decode(z, shape) }), latent);
        demandFinite(out, "The generator's output");
        demand(
          out.x!.shape.join() === shape.join(),
          `The generator makes [${out.x!.shape}] where [${shape}] was asked for.`,
        );
      }
    },
    denoiser: denoiser.shapes,
  },
);

const derivative = law("the gradient agrees with finite differences", {
  energy: (prior, options, rng) => {
    demandDerivative(energyOf(prior), drawUnknown(options, rng), rng, { tolerance: options.tolerance ?? 1e-6 });
  },
  generator: (prior, options, rng) => {
    const weights = drawNormal(options.shape, rng.split("cotangent"));
    const paired = (z: Tensors): Tensor => dot(prior.decode(z, options.shape), constant(weights.data, weights.shape));
    demandDerivative(paired, prior.init(options.shape, rng.split("latent")), rng, {
      tolerance: options.tolerance ?? 1e-6,
    });
  },
  denoiser: denoiser.derivative,
});

const zero = law("with weight 0 an energy is zero everywhere", {
  energy: (_prior, options, rng) => {
    if (options.zero === undefined) return;
    const value = evaluateScalar(energyOf(options.zero()), drawUnknown(options, rng));
    demand(value === 0, `With weight 0 the energy is ${value}.`);
  },
});

const deterministic = law("deterministic under the seed, and its options survive JSON", {
  energy: (prior, options, rng, make) => {
    const at = drawUnknown(options, rng);
    const before = copyArrays(at);
    const first = evaluateScalar(energyOf(prior), at);
    demand(Object.is(first, evaluateScalar(energyOf(prior), at)), "The same energy twice is not the same.");
    const again = make();
    demand(
      again.kind === "energy" && Object.is(first, evaluateScalar(energyOf(again), at)),
      "Two equal priors differ.",
    );
    demandEqual(at, before, "The prior changed the unknown");
    demandJson(prior.options, `The prior ${prior.name}`);
  },
  generator: (prior, options, rng, make) => {
    const decode = (p: GeneratorPrior, seed: string): Arrays =>
      evaluateTensors((z) => ({ x: p.decode(z, options.shape) }), p.init(options.shape, rng.split(seed)));
    const first = decode(prior, "a");
    demandEqual(first, decode(prior, "a"), "Equal seeds give different outputs");
    const again = make();
    demand(
      again.kind === "generator" && relativeDifference(first, decode(again, "a")) === 0,
      "Two equal generators differ.",
    );
    demand(relativeDifference(first, decode(prior, "b")) > 0, "Two seeds start from the same place.");
    demandJson(prior.options, `The prior ${prior.name}`);
  },
  denoiser: denoiser.deterministic,
});

const blind = law("says what to guess without an observation: finite, of the shape asked for, following the seed", {
  energy: guesses,
  generator: guesses,
  denoiser: guesses,
});

const empty = law("a batch of none is a clear error, or gives finite numbers", {
  energy: (prior, options) => {
    const at = { x: { shape: withBatch(options.shape, 0), data: new Float64Array(0) } };
    demandNothingFromNothing(() => evaluateTensors((t) => ({ energy: prior.energy(t.x!) }), at));
  },
  generator: (prior, options, rng) => {
    const shape = withBatch(options.shape, 0);
    demandNothingFromNothing(() =>
      evaluateTensors((z) => ({ x: prior.decode(z, shape) }), prior.init(shape, rng.split("latent"))),
    );
  },
  denoiser: denoiser.empty,
});

/** Of denoisers alone. */
const itemwise = law("a denoiser treats every item of a batch alike, whatever stands beside it", {
  denoiser: denoiser.itemwise,
});

/** Of denoisers alone. */
const score = law("a denoiser's score points up the smoothed density, where that is known", {
  denoiser: denoiser.score,
});

const trained = law("a generator's output depends on every one of its free variables", {
  generator: (prior, options, rng) => {
    const latent = prior.init(options.shape, rng.split("latent"));
    const out = evaluateTensors((z) => ({ x: prior.decode(z, options.shape) }), latent);
    for (const name of Object.keys(latent)) {
      const step = drawLike({ step: latent[name]! }, rng.split(name)).step!;
      const moved = {
        ...latent,
        [name]: { ...latent[name]!, data: Float64Array.from(latent[name]!.data, (v, i) => v + step.data[i]!) },
      };
      const other = evaluateTensors((z) => ({ x: prior.decode(z, options.shape) }), moved);
      demand(relativeDifference(out, other) > 0, `The output does not depend on "${name}".`);
    }
  },
});

/** What must hold of every prior that is no distribution over symbols or structures; laws for one kind pass over the others. */
export const priorLaws: readonly PriorLaw[] = [
  finite,
  derivative,
  zero,
  deterministic,
  blind,
  empty,
  trained,
  itemwise,
  score,
];
