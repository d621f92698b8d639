import { checkOptions, integer, positive, real } from "../options.ts";
import type { Attack, AttackContext, Prior, Problem, Progress, Solution } from "../problem.ts";
import { evolutionStrategy } from "../solvers/evolution-strategy.ts";
import { layoutOf, unflatten } from "../solvers/layout.ts";
import { startTrace } from "../solvers/trace.ts";
import { generatorApplies, latentSetting, latentSolution } from "./latent-setting.ts";

export interface GglOptions {
  /** Points a generation; 4 + ⌊3 ln n⌋ of the n free variables unless said. */
  readonly population?: number;
  /** Standard deviation of the first generation. 1 unless said. */
  readonly spread?: number;
  /** Factor of the generator's −log p(z). 1 unless said. */
  readonly latentWeight?: number;
  /** Noise over rms that is assumed of an observation whose channel states no likelihood. .01 unless said. */
  readonly assumedNoise?: number;
}

/**
 * Gradient-free search in the space of a generator by CMA-ES. Candidates pass the known part of the defence, as everywhere; since no derivative is taken, the
 * defence and the victim may have kinks and steps.
 *
 * @throws ReconError `bad-option`; `prior-not-finite` where the generator returns NaN.
 * @see Z. Li et al., "Auditing privacy defenses in federated learning via generative gradient leakage" (GGL), CVPR 2022.
 */
export function ggl(options: GglOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("ggl", options, {
    population: integer(4),
    spread: positive(),
    latentWeight: real(0),
    assumedNoise: positive(),
  });
  const { population, spread = 1, latentWeight = 1, assumedNoise = 0.01 } = options;
  const settled = { spread, latentWeight, assumedNoise, ...(population !== undefined && { population }) };
  return {
    name: "ggl",
    options: { ...settled, priors: priors.map(({ name }) => name) },
    cite: "Z. Li et al., Auditing privacy defenses in federated learning via generative gradient leakage, CVPR 2022",
    needs: ["architecture", "weights", "batchSize"],
    applies: (problem) => generatorApplies(problem, priors, "ggl"),
    run: (problem, context) => run(problem, context, priors, settled),
  };
}

type Settled = Required<Omit<GglOptions, "population">> & Pick<GglOptions, "population">;

async function* run(
  problem: Problem,
  context: AttackContext,
  priors: readonly Prior[],
  options: Settled,
): AsyncGenerator<Progress | Solution, void> {
  const setting = latentSetting(problem, context, priors, options);
  const { rng, signal, budget } = context;
  const trace = startTrace();
  const matching = await setting.compile({ derivatives: false });
  try {
    const start = setting.draw(rng.split("start"));
    const layout = layoutOf(start);
    const population = options.population ?? 4 + Math.floor(3 * Math.log(layout.size));
    const generations = Math.max(1, Math.floor((budget.evaluations - 1) / population));
    let found = new Float64Array(layout.size);
    let used = 0;
    const search = evolutionStrategy({
      ...{ population, generations, spread: options.spread, signal, rng: rng.split("population") },
      start: new Float64Array(layout.size),
      score: async (points) => {
        const scores: number[] = [];
        for (const point of points) {
          if (signal.aborted) break;
          scores.push((await matching.evaluate(unflatten(point, layout))).value);
        }
        return scores;
      },
    });
    for await (const { best, value, evaluations, generation } of search) {
      found = Float64Array.from(best);
      used = evaluations;
      trace.add(used, value);
      yield { kind: "progress", evaluations: used, fraction: generation / generations, objective: value };
    }
    const { decoded } = await matching.evaluate(unflatten(found, layout));
    const ended = signal.aborted ? "the run was aborted" : `all ${generations} generations were bred`;
    const at = { decoded: { ...decoded }, evaluations: used + 1, trace: trace.points(), ended };
    yield await latentSolution(problem, context, setting, at);
  } finally {
    await matching.dispose();
  }
}
