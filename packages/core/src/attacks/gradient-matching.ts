import type { Arrays } from "@recon/engine";
import type { Discrepancy } from "../discrepancies/discrepancy.ts";
import { ReconError } from "../errors.ts";
import type {
  Applicability,
  Attack,
  AttackContext,
  EnergyPrior,
  Flag,
  GeneratorPrior,
  Json,
  Prior,
  Problem,
  Progress,
  Solution,
} from "../problem.ts";
import type { Rng } from "../random.ts";
import type { Box } from "../solvers/box.ts";
import { restarts } from "../solvers/restarts.ts";
import type { Solver } from "../solvers/solver.ts";
import { startTrace } from "../solvers/trace.ts";
import { clause, conclude } from "./conclude.ts";
import { continuousInput } from "./continuous-input.ts";
import type { FeatureTerm } from "./feature-term.ts";
import { fitOf } from "./forward.ts";
import { compileMatching, nuisanceBox, type Penalty, type Start, standardNormal, startingPoint } from "./matching.ts";
import { batchSizeOf, type TargetEstimate } from "./targets.ts";

/** What a composition may look at when it chooses its solver. */
export interface SolverSetting {
  /** Evaluations of one start. */
  readonly evaluations: number;
  /** Bounds of the unknown named `input`, where it is searched for directly, and of every `nuisance ...` that is. */
  readonly box?: Box;
  readonly rng: Rng;
}

export interface GradientMatchingOptions {
  readonly name: string;
  readonly cite: string;
  readonly options: Json;
  readonly needs?: readonly Flag[];
  /** Further conditions. */
  readonly applies?: (problem: Problem) => Applicability;
  readonly discrepancy: (problem: Problem) => Discrepancy;
  readonly priors: (problem: Problem) => readonly Prior[];
  /** Features of the samples that are read off the observation first; none unless said. */
  readonly features?: (problem: Problem, context: AttackContext) => Promise<FeatureTerm | { readonly reason: string }>;
  /** What else speaks against a candidate, found before the search where that takes work; none unless said. */
  readonly penalties?: (problem: Problem, context: AttackContext) => Promise<readonly Penalty[]>;
  /** Search for what the client drew and did not send, too; otherwise its expectation stands in. */
  readonly nuisances?: "search";
  /** Search for the targets with the input, or settle them first. */
  readonly targets: "joint" | TargetEstimate;
  readonly solver: (setting: SolverSetting) => Solver;
  /** Where the input starts; standard normal unless said. */
  readonly start?: Start;
  /** Where targets start that are searched for; standard normal unless said. */
  readonly targetStart?: Start;
  /** Starts, each with an equal share of the evaluations; the least discrepancy without priors wins. */
  readonly restarts?: number;
}

/**
 * Reconstruction by matching: minimises d(D F(x̂), y) + R(x̂) from one or several starts.
 *
 * The named attacks of the literature are compositions of this with a discrepancy, priors and a solver.
 *
 * @see Zhu, Liu & Han 2019; Geiping et al. 2020.
 */
export function gradientMatching(composition: GradientMatchingOptions): Attack {
  const { name, options, cite, needs = [], targets } = composition;
  return {
    name,
    options,
    cite,
    needs: ["architecture", "weights", "batchSize", ...needs],
    applies: (problem) => {
      const continuous = continuousInput(problem);
      if (continuous !== true) return continuous;
      const settled = targets === "joint" ? undefined : targets(problem, batchSizeOf(problem));
      if (settled !== undefined && "reason" in settled) return settled;
      return composition.applies?.(problem) ?? true;
    },
    run: (problem, context) => run(composition, problem, context),
  };
}

async function* run(
  composition: GradientMatchingOptions,
  problem: Problem,
  context: AttackContext,
): AsyncGenerator<Progress | Solution, void> {
  const { name, restarts: count = 1 } = composition;
  const batch = batchSizeOf(problem);
  const targets = composition.targets === "joint" ? undefined : composition.targets(problem, batch);
  if (targets !== undefined && "reason" in targets) throw new ReconError("attack-does-not-apply", targets.reason);
  const priors = composition.priors(problem);
  const energies = priors.filter((prior): prior is EnergyPrior => prior.kind === "energy");
  const features = await composition.features?.(problem, context);
  const generator = priors.find((prior): prior is GeneratorPrior => prior.kind === "generator");
  const parts = {
    batch,
    discrepancy: composition.discrepancy(problem),
    energies,
    ...(composition.penalties && { penalties: await composition.penalties(problem, context) }),
    ...(composition.nuisances && { nuisances: composition.nuisances }),
    target: targets?.value ?? ("joint" as const),
    ...(generator && { generator }),
    ...(features && "values" in features && { features }),
  };
  const start = (rng: Rng): Arrays =>
    startingPoint(problem, parts, rng, composition.start ?? standardNormal, composition.targetStart);
  const { lower, upper } = problem.domain;
  const solver = composition.solver({
    evaluations: Math.floor(context.budget.evaluations / count) - 1,
    rng: context.rng.split("solver"),
    ...(generator === undefined && {
      box: { input: { lower, upper }, ...nuisanceBox(problem, parts, context.rng.split("nuisances")) },
    }),
  });
  const matching = await compileMatching(problem, context.executor, parts, start(context.rng));
  try {
    const trace = startTrace();
    const discrepancy = async (x: Arrays): Promise<number> => (await matching.evaluate(x)).discrepancy;
    const events = restarts({
      solver,
      restarts: count,
      objective: matching.evaluate,
      start,
      rng: context.rng,
      evaluations: context.budget.evaluations,
      discrepancy,
      signal: context.signal,
    });
    for await (const event of events) {
      if (event.kind === "progress") {
        trace.add(event.evaluations, event.value);
        const which = count > 1 ? `${name}, start ${event.restart + 1} of ${count}` : name;
        yield {
          kind: "progress",
          evaluations: event.evaluations,
          fraction: event.fraction,
          objective: event.value,
          message: which,
        };
        continue;
      }
      const { decoded, nuisances } = await matching.evaluate(event.x);
      const fit = await fitOf(problem, context.executor, decoded, "float64", nuisances);
      yield {
        kind: "solution",
        value: decoded,
        residual: fit.residual,
        given: [
          ...new Set(["architecture", "weights", "batchSize", ...(composition.needs ?? []), ...(targets?.given ?? [])]),
        ],
        evaluations: event.evaluations,
        trace: trace.points(),
        ...conclude(problem, { residual: fit.residual, samples: batch, ended: clause(event.reason) }),
        ...(features && "reason" in features && { explanation: `Without a feature term: ${features.reason}` }),
      };
    }
  } finally {
    await matching.dispose();
  }
}
