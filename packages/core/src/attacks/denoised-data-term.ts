/** What attacks over denoisers share: the data term in nats, compiled, and what it leaves open. */
import type { NdArray } from "@recon/engine";
import { gaussianNoise } from "../defences/channel/noise.ts";
import { composeDefences } from "../defences/compose.ts";
import type { Discrepancy } from "../discrepancies/discrepancy.ts";
import { likelihood } from "../discrepancies/likelihood.ts";
import { ReconError } from "../errors.ts";
import { type CompiledDenoiser, compileDenoiser } from "../priors/denoiser.ts";
import type { Applicability, AttackContext, DenoiserPrior, EnergyPrior, Flag, Prior, Problem } from "../problem.ts";
import { broadcastValues } from "../solvers/broadcast-values.ts";
import { blindBatch } from "./blind-batch.ts";
import { continuousInput } from "./continuous-input.ts";
import { compileMatching, type Matching } from "./matching.ts";
import { batchSizeOf, recoveredTargets } from "./targets.ts";

/** The one denoiser among priors. */
export function denoiserAmong(priors: readonly Prior[]): DenoiserPrior | undefined {
  return priors.find((prior): prior is DenoiserPrior => prior.kind === "denoiser");
}

/** −log p(y | F(x)) of the channel, or as if y had Gaussian noise of `assumed` times its rms where the channel states none. */
export function dataTerm(problem: Problem, assumed: number): Discrepancy {
  const defence = composeDefences(problem.defences);
  const { observation } = problem;
  if (defence.channel?.likelihood?.(observation) !== undefined) return likelihood({ defence, observation });
  return likelihood({ defence: gaussianNoise({ rel_noise: assumed }), observation });
}

/** Whether an attack over a denoiser can run. */
export function denoiserApplies(problem: Problem, priors: readonly Prior[], attack: string): Applicability {
  if (denoiserAmong(priors) === undefined) {
    return {
      reason: `${attack} needs a denoiser among its priors, such as one of a prior package named under "priors"`,
    };
  }
  const continuous = continuousInput(problem);
  if (continuous !== true) return continuous;
  const targets = recoveredTargets(problem, batchSizeOf(problem));
  return "reason" in targets ? targets : true;
}

/** A problem with its denoiser, ready to be searched. */
export interface DenoisedSetting {
  readonly matching: Matching;
  readonly denoiser: CompiledDenoiser;
  readonly given: readonly Flag[];
  readonly batch: number;
  /** The denoiser's best guess without an observation, or the domain's. */
  readonly start: NdArray;
  dispose(): Promise<void>;
}

/** Compiles data term and denoiser. The caller disposes. @throws ReconError `attack-does-not-apply`. */
export async function denoisedSetting(
  problem: Problem,
  { executor, rng }: AttackContext,
  priors: readonly Prior[],
  assumed: number,
): Promise<DenoisedSetting> {
  const batch = batchSizeOf(problem);
  const prior = denoiserAmong(priors);
  const targets = recoveredTargets(problem, batch);
  if (prior === undefined) throw new ReconError("attack-does-not-apply", "There is no denoiser among the priors.");
  if ("reason" in targets) throw new ReconError("attack-does-not-apply", targets.reason);
  const shape = [batch, ...problem.model.input.shape];
  const guess = prior.blind?.(shape, rng.split("blind"));
  const start = guess ?? blindBatch(problem, batch);
  const energies = priors.filter((one): one is EnergyPrior => one.kind === "energy");
  const parts = { batch, discrepancy: dataTerm(problem, assumed), energies, target: targets.value };
  const denoiser = await compileDenoiser(prior, shape, executor);
  const matching = await compileMatching(problem, executor, parts, { input: start });
  return {
    ...{ matching, denoiser, batch, start },
    given: [...new Set(["architecture", "weights", "batchSize", ...targets.given])],
    dispose: async () => {
      await matching.dispose();
      await denoiser.dispose();
    },
  };
}

/** What the domain allows, nearest to a batch entry by entry: of what was found at last, since a denoiser must not be fed what was cut off. */
export function withinDomain({ domain }: Problem, { shape, data }: NdArray): NdArray {
  const lower = broadcastValues(domain.lower, shape, "lower bound");
  const upper = broadcastValues(domain.upper, shape, "upper bound");
  return { shape, data: Float64Array.from(data, (value, i) => Math.min(upper[i]!, Math.max(lower[i]!, value))) };
}
