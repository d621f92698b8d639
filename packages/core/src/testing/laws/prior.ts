import { type Arrays, constant, dot, type Shape, type Tensor, type Tensors } from "@recon/engine";
import type { EnergyPrior, GeneratorPrior, Prior } from "../../problem.ts";
import type { Rng } from "../../random.ts";
import { demandDerivative } from "../derivative.ts";
import { drawLike, drawNormal } from "../draw.ts";
import { evaluateScalar, evaluateTensors, relativeDifference } from "../evaluate.ts";
import { broken, demand, type Law } from "../law.ts";
import type { Repetition } from "../register.ts";
import { copyArrays, demandEqual, demandFinite, demandJson } from "../snapshot.ts";

export interface PriorLawOptions extends Repetition {
  /** Shape of a batch the prior is tried on, batch axis first. */
  readonly shape: Shape;
  /** The same prior with weight 0, for energies that have a weight. */
  readonly zero?: () => EnergyPrior;
  /** Size of the drawn unknowns; 1 unless said. */
  readonly scale?: number;
  /** Largest relative difference from finite differences. */
  readonly tolerance?: number;
}

type PriorLaw = Law<Prior, PriorLawOptions>;

/** The same law for energies and for generators, each by its own means. */
interface ByKind {
  energy?(prior: EnergyPrior, options: PriorLawOptions, rng: Rng, make: () => Prior): void;
  generator?(prior: GeneratorPrior, options: PriorLawOptions, rng: Rng, make: () => Prior): void;
}

function law(name: string, byKind: ByKind): PriorLaw {
  return {
    name,
    check: async (make, options, rng) => {
      const prior = make();
      if (prior.kind === "energy") byKind.energy?.(prior, options, rng, make);
      else if (prior.kind === "generator") byKind.generator?.(prior, options, rng, make);
      else
        throw broken(
          `A prior of the kind ${prior.kind} has laws of its own: use testDiscretePrior or testStructurePrior.`,
        );
    },
  };
}

function drawUnknown({ shape, scale = 1 }: PriorLawOptions, rng: Rng): Arrays {
  const { data } = drawNormal(shape, rng.split("unknown"));
  return { x: { shape, data: data.map((value) => scale * value) } };
}

function withBatch(shape: Shape, batch: number): Shape {
  return [batch, ...shape.slice(1)];
}

const energyOf =
  (prior: EnergyPrior): ((t: Tensors) => Tensor) =>
  (t) =>
    prior.energy(t.x!);

const finite = law(
  "an energy is a finite scalar; a generator's output has the shape asked for; for batches of one and of many",
  {
    energy: (prior, options, rng) => {
      for (const batch of [1, Math.max(2, options.shape[0] ?? 2)]) {
        const at = drawUnknown({ ...options, shape: withBatch(options.shape, batch) }, rng);
        demand(prior.energy(constant(at.x!.data, at.x!.shape)).shape.length === 0, "The energy is not a scalar.");
        const value = evaluateScalar(energyOf(prior), at);
        demand(Number.isFinite(value), `The energy of a batch of ${batch} is ${value}.`);
      }
    },
    generator: (prior, options, rng) => {
      for (const batch of [1, Math.max(2, options.shape[0] ?? 2)]) {
        const shape = withBatch(options.shape, batch);
        const latent = prior.init(shape, rng.split("latent"));
        const out = evaluateTensors((z) => ({ x: prior.decode(z, shape) }), latent);
        demandFinite(out, "The generator's output");
        demand(
          out.x!.shape.join() === shape.join(),
          `The generator makes [${out.x!.shape}] where [${shape}] was asked for.`,
        );
      }
    },
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
});

function checkBlind(prior: EnergyPrior | GeneratorPrior, options: PriorLawOptions, rng: Rng): void {
  if (prior.blind === undefined) return;
  for (const shape of [withBatch(options.shape, 1), options.shape]) {
    const guess = prior.blind(shape, rng.split("blind"));
    demand(guess.shape.join() === shape.join(), `The blind guess has shape [${guess.shape}], not [${shape}].`);
    demandFinite({ guess }, "The blind guess");
    demandEqual(
      { guess },
      { guess: prior.blind(shape, rng.split("blind")) },
      "Equal seeds give different blind guesses",
    );
  }
}

const blind = law("the blind guess is finite, has the shape asked for and follows the seed", {
  energy: checkBlind,
  generator: checkBlind,
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

/** What must hold of every prior; laws for one kind pass over the other. */
export const priorLaws: readonly PriorLaw[] = [finite, derivative, zero, deterministic, blind, trained];
