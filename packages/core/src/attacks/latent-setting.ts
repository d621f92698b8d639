/** What searches over a generator's free variables share. */
import type { Arrays } from "@recon/engine";
import { ReconError } from "../errors.ts";
import { relaxedGenerator } from "../priors/relaxed-generator.ts";
import type {
  Applicability,
  AttackContext,
  EnergyPrior,
  Flag,
  GeneratorPrior,
  Prior,
  Problem,
  Solution,
  TracePoint,
} from "../problem.ts";
import type { Rng } from "../random.ts";
import { conclude } from "./conclude.ts";
import { continuousInput } from "./continuous-input.ts";
import { dataTerm } from "./denoised-data-term.ts";
import { fitOf } from "./forward.ts";
import { compileMatching, type Matching, standardNormal, startingPoint } from "./matching.ts";
import { batchSizeOf, recoveredTargets } from "./targets.ts";

/** The one generator among priors. */
export function generatorAmong(priors: readonly Prior[]): GeneratorPrior | undefined {
  return priors.find((prior): prior is GeneratorPrior => prior.kind === "generator");
}

/** Whether an attack over a generator can run. */
export function generatorApplies(problem: Problem, priors: readonly Prior[], attack: string): Applicability {
  if (generatorAmong(priors) === undefined) {
    return {
      reason: `${attack} needs a generator among its priors, such as one of a prior package named under "priors"`,
    };
  }
  const continuous = continuousInput(problem);
  if (continuous !== true) return continuous;
  const targets = recoveredTargets(problem, batchSizeOf(problem));
  return "reason" in targets ? targets : true;
}

/** A problem written over a generator's free variables. */
export interface LatentSetting {
  readonly given: readonly Flag[];
  readonly batch: number;
  /** J(z) = −log p(y | F(G(z))) − w log p(z), with its gradient or without. The caller disposes. */
  compile(options: { readonly derivatives: boolean }): Promise<Matching>;
  /** J of the generator's weights at fixed z, and where they start; undefined where the generator has none that can be moved. */
  relax(
    latent: Arrays,
    weightStd: number,
  ): Promise<{ readonly matching: Matching; readonly start: Arrays } | undefined>;
  /** A draw of z as a search knows it. */
  draw(rng: Rng): Arrays;
}

/** @throws ReconError `attack-does-not-apply`. */
export function latentSetting(
  problem: Problem,
  { executor, rng }: AttackContext,
  priors: readonly Prior[],
  { assumedNoise, latentWeight }: { readonly assumedNoise: number; readonly latentWeight: number },
): LatentSetting {
  const batch = batchSizeOf(problem);
  const generator = generatorAmong(priors);
  const targets = recoveredTargets(problem, batch);
  if (generator === undefined) throw new ReconError("attack-does-not-apply", "There is no generator among the priors.");
  if ("reason" in targets) throw new ReconError("attack-does-not-apply", targets.reason);
  const energies = priors.filter((one): one is EnergyPrior => one.kind === "energy");
  const shared = { batch, discrepancy: dataTerm(problem, assumedNoise), energies, latentWeight, target: targets.value };
  const start = (parts: { readonly generator: GeneratorPrior }, from: Rng): Arrays =>
    startingPoint(problem, { ...shared, ...parts }, from, standardNormal);
  return {
    batch,
    given: [...new Set(["architecture", "weights", "batchSize", ...targets.given])],
    compile: ({ derivatives }) =>
      compileMatching(problem, executor, { ...shared, generator, derivatives }, start({ generator }, rng)),
    relax: async (latent, weightStd) => {
      const relaxed = relaxedGenerator(generator, withoutPrefix(latent), weightStd);
      if (relaxed === undefined) return undefined;
      const from = start({ generator: relaxed }, rng);
      return {
        matching: await compileMatching(problem, executor, { ...shared, generator: relaxed }, from),
        start: from,
      };
    },
    draw: (from) => start({ generator }, from),
  };
}

/** What a search over a generator found, as a solution. */
export async function latentSolution(
  problem: Problem,
  { executor }: Pick<AttackContext, "executor">,
  { batch, given }: Pick<LatentSetting, "batch" | "given">,
  found: {
    readonly decoded: Solution["value"] & Parameters<typeof fitOf>[2];
    readonly evaluations: number;
    readonly trace: readonly TracePoint[];
    readonly ended: string;
  },
): Promise<Solution> {
  const { decoded, evaluations, trace, ended } = found;
  const { residual } = await fitOf(problem, executor, decoded);
  const conclusion = conclude(problem, { residual, samples: batch, ended });
  return { kind: "solution", value: decoded, residual, given, evaluations, trace, ...conclusion };
}

function withoutPrefix(unknowns: Arrays): Arrays {
  return Object.fromEntries(Object.entries(unknowns).map(([name, value]) => [name.replace(/^latent /, ""), value]));
}
