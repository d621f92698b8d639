import { innerProduct } from "../linear-algebra/vector.ts";
import type { Rng } from "../random.ts";
import { addScaled } from "./curvature-pairs.ts";
import type { FlatEvaluation } from "./evaluator.ts";
import type { Mass } from "./mass.ts";

/** f = −log p up to a constant, and ∇f, at several points at once; undefined when the run was stopped. */
export type PopulationDensity = (points: readonly Float64Array[]) => Promise<readonly FlatEvaluation[] | undefined>;

/** Where one chain is. */
export interface ChainPoint {
  readonly x: Float64Array;
  readonly evaluation: FlatEvaluation;
}

/** What one transition of every chain did. */
export interface Transition {
  readonly chains: readonly ChainPoint[];
  /** Mean probability with which the chains' proposals were accepted. */
  readonly acceptance: number;
  /** Trajectories whose energy left the finite numbers or rose by more than 1000. */
  readonly divergences: number;
}

/** A solver part that moves a population of chains; every chain has its own stream of random numbers. */
export interface PopulationSampler {
  init(points: readonly Float64Array[]): Promise<readonly ChainPoint[] | undefined>;
  update(chains: readonly ChainPoint[], step: number, rngs: readonly Rng[]): Promise<Transition | undefined>;
}

export interface HamiltonianOptions {
  readonly density: PopulationDensity;
  readonly mass: Mass;
  /** Mean length of a trajectory, in units in which the density has width 1 where the mass is its precision; π/2 unless given: a quarter turn. */
  readonly length?: number;
  /** Most leapfrog steps of a trajectory, 40 unless given. */
  readonly mostSteps?: number;
}

/**
 * Hamiltonian Monte Carlo of several chains in step: momentum p ~ N(0, M), a leapfrog trajectory of H = f(x) + pᵀ M⁻¹ p / 2, accepted with probability
 * min(1, exp(−ΔH)).
 *
 * All chains take the same number of steps, so that their gradients are computed together. Length and step are drawn anew every time, from .6 to 1.4 and from
 * .5 to 1 of what is given: trajectories do not return to where they began, and a chain in a narrow tail that large steps cannot leave gets small ones. The
 * step comes from outside (`dualAveraging`).
 *
 * @see R. M. Neal, "MCMC using Hamiltonian dynamics", Handbook of Markov Chain Monte Carlo, 2011.
 */
export function hamiltonian(options: HamiltonianOptions): PopulationSampler {
  const { density, mass, length = Math.PI / 2, mostSteps = 40 } = options;
  return {
    init: async (points) => {
      const evaluations = await density(points);
      return evaluations?.map((evaluation, c) => ({ x: points[c]!, evaluation }));
    },
    update: async (chains, largestStep, rngs) => {
      const step = largestStep * (0.5 + 0.5 * rngs[0]!.uniform());
      const turn = length * (0.6 + 0.8 * rngs[0]!.uniform());
      const steps = Math.min(mostSteps, Math.max(1, Math.round(turn / step)));
      const momenta = chains.map((_, c) => mass.momentum(rngs[c]!));
      const energies = chains.map(({ evaluation }, c) => evaluation.value + kinetic(momenta[c]!, mass));
      let moving: readonly ChainPoint[] = chains;
      for (let i = 0; i < steps; i++) {
        const points = moving.map(({ x, evaluation }, c) => {
          const momentum = momenta[c]!;
          addScaled(momentum, -step / 2, evaluation.gradient);
          const next = x.slice();
          addScaled(next, step, mass.velocity(momentum));
          return next;
        });
        const evaluations = await density(points);
        if (evaluations === undefined) return undefined;
        moving = evaluations.map((evaluation, c) => ({ x: points[c]!, evaluation }));
        moving.forEach(({ evaluation }, c) => {
          addScaled(momenta[c]!, -step / 2, evaluation.gradient);
        });
      }
      let [accepted, divergences] = [0, 0];
      const next = chains.map((chain, c) => {
        const proposal = moving[c]!;
        const rise = proposal.evaluation.value + kinetic(momenta[c]!, mass) - energies[c]!;
        // Drawn whatever happens, so that one chain's fate shifts nothing else.
        const draw = rngs[c]!.uniform();
        if (!(proposal.evaluation.finite && rise < 1000)) divergences++;
        const probability = proposal.evaluation.finite && !Number.isNaN(rise) ? Math.min(1, Math.exp(-rise)) : 0;
        accepted += probability / chains.length;
        return draw < probability ? proposal : chain;
      });
      return { chains: next, acceptance: accepted, divergences };
    },
  };
}

function kinetic(momentum: Float64Array, mass: Mass): number {
  return 0.5 * innerProduct(momentum, mass.velocity(momentum));
}
