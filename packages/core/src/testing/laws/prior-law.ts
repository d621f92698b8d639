import type { Arrays, Shape, Tensor } from "@recon/engine";
import type { DenoiserPrior, EnergyPrior, GeneratorPrior, Prior } from "../../problem.ts";
import type { Rng } from "../../random.ts";
import { drawNormal } from "../draw.ts";
import { broken, type Law } from "../law.ts";
import type { Repetition } from "../register.ts";

export interface PriorLawOptions extends Repetition {
  /** Shape of a batch the prior is tried on, batch axis first. */
  readonly shape: Shape;
  /** The same prior with weight 0, for energies that have a weight. */
  readonly zero?: () => EnergyPrior;
  /** Size of the drawn unknowns; 1 unless said. */
  readonly scale?: number;
  /** Largest relative difference from finite differences. */
  readonly tolerance?: number;
  /** −log p_σ(y) of what a denoiser expects, where it is known: the density of x + σ n. */
  readonly smoothed?: (y: Tensor, sigma: number) => Tensor;
}

export type PriorLaw = Law<Prior, PriorLawOptions>;

/** What a law has at hand: a prior, and a way to make another like it. */
export type PriorCheck<P> = (prior: P, options: PriorLawOptions, rng: Rng, make: () => Prior) => void;

/** One law for every kind of prior, each by its own means; a law passes over the kinds that it leaves out. */
export interface ByKind {
  readonly energy?: PriorCheck<EnergyPrior>;
  readonly generator?: PriorCheck<GeneratorPrior>;
  readonly denoiser?: PriorCheck<DenoiserPrior>;
}

export function priorLaw(name: string, byKind: ByKind): PriorLaw {
  return {
    name,
    check: async (make, options, rng) => {
      const prior = make();
      if (prior.kind === "energy") byKind.energy?.(prior, options, rng, make);
      else if (prior.kind === "generator") byKind.generator?.(prior, options, rng, make);
      else if (prior.kind === "denoiser") byKind.denoiser?.(prior, options, rng, make);
      else {
        const advice = "use testDiscretePrior or testStructurePrior";
        throw broken(`A prior of the kind ${prior.kind} has laws of its own: ${advice}.`);
      }
    },
  };
}

/** An unknown, or a disturbed one. */
export function drawUnknown({ shape, scale = 1 }: PriorLawOptions, rng: Rng): Arrays {
  const { data } = drawNormal(shape, rng.split("unknown"));
  return { x: { shape, data: data.map((value) => scale * value) } };
}

/** The shape of a batch with another number of items. */
export function withBatch(shape: Shape, batch: number): Shape {
  return [batch, ...shape.slice(1)];
}

/** Batches of one and of many. */
export function batchShapes({ shape }: PriorLawOptions): readonly Shape[] {
  return [1, Math.max(2, shape[0] ?? 2)].map((batch) => withBatch(shape, batch));
}
