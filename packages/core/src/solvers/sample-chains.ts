import { ReconError } from "../errors.ts";
import type { Rng } from "../random.ts";
import { dualAveraging } from "./dual-averaging.ts";
import type { PopulationSampler } from "./hamiltonian.ts";

export interface SampleChainsOptions {
  readonly sampler: PopulationSampler;
  /** Where the chains start: one point each, at least two. */
  readonly starts: readonly Float64Array[];
  /** Transitions that adapt the step and are thrown away. */
  readonly warmUp: number;
  /** Transitions that are kept. */
  readonly draws: number;
  readonly rng: Rng;
  /** First step size, 1 unless given: that of a density whose precision is the mass. */
  readonly step?: number;
  /** Acceptance that the step size is adapted to, .9 unless given: more than a normal density asks for, since tails are narrower than its middle. */
  readonly acceptance?: number;
}

export interface SampleProgress {
  readonly kind: "progress";
  readonly transition: number;
  /** Mean of −log p over the chains. */
  readonly value: number;
  readonly fraction: number;
}

/** The chains, complete or as far as they came. */
export interface SampledChains {
  readonly kind: "result";
  /** By chain and transition after the warm-up. */
  readonly chains: readonly (readonly Float64Array[])[];
  readonly step: number;
  /** Mean acceptance after the warm-up. */
  readonly acceptance: number;
  /** Divergent trajectories after the warm-up. */
  readonly divergences: number;
  readonly ended: "complete" | "stopped";
}

/**
 * Runs a population of chains: a warm-up in which the step size adapts, then draws at a fixed one. The last event is the result.
 *
 * @throws ReconError `bad-option` for fewer than two chains or fewer than one draw.
 */
export async function* sampleChains(
  options: SampleChainsOptions,
): AsyncGenerator<SampleProgress | SampledChains, void> {
  const { sampler, starts, warmUp, draws, rng, step: firstStep = 1, acceptance: wanted = 0.9 } = options;
  if (starts.length < 2 || !(draws >= 1)) {
    throw new ReconError(
      "bad-option",
      `Sampling needs at least two chains and one draw, not ${starts.length} and ${draws}.`,
    );
  }
  const rngs = starts.map((_, c) => rng.split(`chain ${c}`));
  const adaptation = dualAveraging({ acceptance: wanted });
  let stepSize = adaptation.init(firstStep);
  const kept: Float64Array[][] = starts.map(() => []);
  let [accepted, divergences] = [0, 0];
  const end = (ended: "complete" | "stopped"): SampledChains => {
    const acceptance = accepted / Math.max(1, kept[0]!.length);
    return { kind: "result", chains: kept, step: stepSize.average, acceptance, divergences, ended };
  };
  let chains = await sampler.init(starts);
  for (let t = 0; t < warmUp + draws; t++) {
    const adapting = t < warmUp;
    const moved = chains && (await sampler.update(chains, adapting ? stepSize.step : stepSize.average, rngs));
    if (moved === undefined) return yield end("stopped");
    chains = moved.chains;
    if (adapting) stepSize = adaptation.update(stepSize, moved.acceptance);
    else {
      accepted += moved.acceptance;
      divergences += moved.divergences;
      chains.forEach(({ x }, c) => {
        kept[c]!.push(x);
      });
    }
    const value = chains.reduce((total, { evaluation }) => total + evaluation.value, 0) / chains.length;
    yield { kind: "progress", transition: t + 1, value, fraction: (t + 1) / (warmUp + draws) };
  }
  yield end("complete");
}
