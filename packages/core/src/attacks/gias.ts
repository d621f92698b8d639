import type { Arrays } from "@recon/engine";
import { cosineDecay } from "@recon/engine";
import { checkOptions, integer, positive, real } from "../options.ts";
import type { Attack, AttackContext, Prior, Problem, Progress, Solution } from "../problem.ts";
import { scaleByAdam } from "../solvers/adam.ts";
import { descent } from "../solvers/descent.ts";
import { scale } from "../solvers/scale.ts";
import { startTrace, type Trace } from "../solvers/trace.ts";
import { chain } from "../solvers/transform.ts";
import { clause } from "./conclude.ts";
import { generatorApplies, latentSetting, latentSolution } from "./latent-setting.ts";
import type { Matching } from "./matching.ts";

export interface GiasOptions {
  /** Draws of z, the best of which by its objective is started from. 100 unless said. */
  readonly draws?: number;
  /** Adam's largest step in z. .03 unless said. */
  readonly rate?: number;
  /** Adam's largest step in the generator's weights. .001 unless said. */
  readonly weightRate?: number;
  /** Standard deviation of a weight around what was learned. .02 unless said. */
  readonly weightStd?: number;
  /** Share of the evaluations, after the draws, in which the weights are relaxed. .5 unless said; 0 leaves them alone. */
  readonly relaxed?: number;
  /** Factor of the generator's −log p(z). 1 unless said. */
  readonly latentWeight?: number;
  /** Noise over rms that is assumed of an observation whose channel states no likelihood. .01 unless said. */
  readonly assumedNoise?: number;
}

type Settled = Required<GiasOptions>;

/**
 * Search in the space of a generator: the best of many draws of z, Adam in z, then Adam in the generator's own weights, by which it leaves the space of what it
 * has learned for the one sample that was observed.
 *
 * @throws ReconError `bad-option`; `prior-not-finite` where the generator returns NaN.
 * @see J. Jeon et al., "Gradient inversion with generative image prior" (GIAS), NeurIPS 2021.
 */
export function gias(options: GiasOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("gias", options, {
    draws: integer(1),
    rate: positive(),
    weightRate: positive(),
    weightStd: positive(),
    relaxed: real(0, 0.99),
    latentWeight: real(0),
    assumedNoise: positive(),
  });
  const { draws = 100, rate = 0.03, weightRate = 0.001, weightStd = 0.02, relaxed = 0.5 } = options;
  const { latentWeight = 1, assumedNoise = 0.01 } = options;
  const settled = { draws, rate, weightRate, weightStd, relaxed, latentWeight, assumedNoise };
  return {
    name: "gias",
    options: { ...settled, priors: priors.map(({ name }) => name) },
    cite: "J. Jeon et al., Gradient inversion with generative image prior (GIAS), NeurIPS 2021",
    needs: ["architecture", "weights", "batchSize"],
    applies: (problem) => generatorApplies(problem, priors, "gias"),
    run: (problem, context) => run(problem, context, priors, settled),
  };
}

async function* run(
  problem: Problem,
  context: AttackContext,
  priors: readonly Prior[],
  options: Settled,
): AsyncGenerator<Progress | Solution, void> {
  const setting = latentSetting(problem, context, priors, options);
  const { rng, signal, budget } = context;
  const trace = startTrace();
  const matching = await setting.compile({ derivatives: true });
  let relaxing: Awaited<ReturnType<typeof setting.relax>>;
  try {
    const draws = Math.max(1, Math.min(options.draws, Math.floor(budget.evaluations / 4)));
    let best = { z: setting.draw(rng.split("draw 0")), value: Number.POSITIVE_INFINITY };
    let used = 0;
    for (let draw = 0; draw < draws && (draw === 0 || !signal.aborted); draw++) {
      const z = setting.draw(rng.split(`draw ${draw}`));
      const { value } = await matching.evaluate(z);
      used++;
      if (value < best.value) best = { z, value };
      trace.add(used, best.value);
    }
    const left = Math.max(2, budget.evaluations - used - 1);
    const first = Math.max(1, Math.round(left * (1 - options.relaxed)));
    const found = yield* adam(matching, best.z, { ...context, evaluations: first, rate: options.rate, used, trace });
    used += found.evaluations;
    let { decoded } = await matching.evaluate(found.x);
    used++;
    let { ended } = found;
    const second = budget.evaluations - used;
    if (second > 1 && !signal.aborted) relaxing = await setting.relax(found.x, options.weightStd);
    if (relaxing !== undefined) {
      const settings = { ...context, evaluations: second, rate: options.weightRate, used, trace };
      const moved = yield* adam(relaxing.matching, relaxing.start, settings);
      used += moved.evaluations;
      ({ decoded } = await relaxing.matching.evaluate(moved.x));
      ({ ended } = moved);
    }
    yield await latentSolution(problem, context, setting, {
      ...{ decoded: { ...decoded }, evaluations: used, trace: trace.points(), ended },
    });
  } finally {
    await matching.dispose();
    await relaxing?.matching.dispose();
  }
}

interface Descent extends Pick<AttackContext, "signal" | "budget"> {
  readonly evaluations: number;
  readonly rate: number;
  readonly used: number;
  readonly trace: Trace;
}

async function* adam(
  matching: Matching,
  start: Arrays,
  { evaluations, rate, used, trace, signal, budget }: Descent,
): AsyncGenerator<Progress, { readonly x: Arrays; readonly evaluations: number; readonly ended: string }> {
  const solver = descent({ update: chain(scaleByAdam(), scale(cosineDecay({ rate }))) });
  for await (const event of solver.minimise({ objective: matching.evaluate, start, evaluations, signal })) {
    if (event.kind === "result") return { x: event.x, evaluations: event.evaluations, ended: clause(event.reason) };
    const spent = used + event.evaluations;
    trace.add(spent, event.value);
    yield { kind: "progress", evaluations: spent, fraction: spent / budget.evaluations, objective: event.value };
  }
  throw new Error("A solver must end with a result.");
}
