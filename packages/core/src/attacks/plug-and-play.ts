import type { NdArray } from "@recon/engine";
import { checkOptions, integer, positive } from "../options.ts";
import type { Attack, AttackContext, Prior, Problem, Progress, Solution } from "../problem.ts";
import { nearPoint } from "../solvers/near-point.ts";
import { curvatureAt, noiseLevels, openDeviation } from "../solvers/noise-levels.ts";
import { plugAndPlay as halfQuadraticSplitting } from "../solvers/plug-and-play.ts";
import { startTrace } from "../solvers/trace.ts";
import { conclude } from "./conclude.ts";
import { type DenoisedSetting, denoisedSetting, denoiserApplies, withinDomain } from "./denoised-data-term.ts";
import { fitOf } from "./forward.ts";

export interface PlugAndPlayAttackOptions {
  /** Noise levels, from the widest to the last. 8 unless said. */
  readonly levels?: number;
  /** The widest and the last level, as multiples of what the observation leaves open at an entry of an item, 1/√(mean curvature). 3 and ½ unless said. */
  readonly widest?: number;
  readonly last?: number;
  /** λ: pull of the denoised image on the data step, in units of 1/σ². .3 unless said. */
  readonly pull?: number;
  /** Evaluations a data step. 8 unless said. */
  readonly inner?: number;
  /** Noise over rms that is assumed of an observation whose channel states no likelihood. .01 unless said. */
  readonly assumedNoise?: number;
}

type Settled = Required<PlugAndPlayAttackOptions>;

/**
 * Plug-and-play: the channel's likelihood and a denoiser by turns, half-quadratic splitting with falling noise levels.
 *
 * How wide the levels are follows from the curvature of the data term, item by item, so that one setting serves every operator and noise. A single level of 1 with
 * next to no pull takes what the data term alone leads to and denoises it once: the mean of the posterior, which has the least squared error, where the
 * observation leaves all directions of an item equally open. Energies among the priors join the data term.
 *
 * @throws ReconError `bad-option`; `prior-not-finite` where the denoiser returns NaN.
 * @see S. Venkatakrishnan et al., "Plug-and-play priors for model based reconstruction", GlobalSIP 2013; K. Zhang et al., IEEE TPAMI 44 (2022).
 */
export function plugAndPlay(options: PlugAndPlayAttackOptions = {}, priors: readonly Prior[] = []): Attack {
  checkOptions("plugAndPlay", options, {
    levels: integer(1),
    widest: positive(),
    last: positive(),
    pull: positive(),
    inner: integer(2),
    assumedNoise: positive(),
  });
  const { levels = 8, widest = 3, last = 0.5, pull = 0.3, inner = 8, assumedNoise = 0.01 } = options;
  const settled = { levels, widest, last, pull, inner, assumedNoise };
  return {
    name: "plug-and-play",
    options: { ...settled, priors: priors.map(({ name }) => name) },
    cite: "S. Venkatakrishnan et al., Plug-and-play priors, 2013; K. Zhang et al., deep denoiser prior, 2022",
    needs: ["architecture", "weights", "batchSize"],
    applies: (problem) => denoiserApplies(problem, priors, "plug-and-play"),
    run: (problem, context) => run(problem, context, priors, settled),
  };
}

const probes = 4;
const probeStep = 0.1;

async function* run(
  problem: Problem,
  context: AttackContext,
  priors: readonly Prior[],
  options: Settled,
): AsyncGenerator<Progress | Solution, void> {
  const setting = await denoisedSetting(problem, context, priors, options.assumedNoise);
  try {
    yield* search(problem, context, setting, options);
  } finally {
    await setting.dispose();
  }
}

async function* search(
  problem: Problem,
  context: AttackContext,
  { matching, denoiser, start, batch, given }: DenoisedSetting,
  { levels, widest, last, pull, inner }: Settled,
): AsyncGenerator<Progress | Solution, void> {
  const { signal, budget } = context;
  const trace = startTrace();
  const objective = matching.evaluate;
  // No box anywhere: values cut off at a bound would no longer be what a denoiser was made for.
  const memory = { s: [], y: [], rho: [] };
  const probing = { step: probeStep, probes, rng: context.rng.split("probes") };
  const first = await curvatureAt(objective, start, probing);
  // Without a prior first: how much the observation leaves open is asked near where it points.
  const fit = await nearPoint(objective, {
    ...{ centre: start, start, curvature: first.largest, memory, evaluations: 2 * inner, signal },
    weight: 0.01 * first.mean,
  });
  const second = await curvatureAt(objective, fit.x, probing);
  const open = openDeviation(second);
  const shares = second.means.map((mean) => openDeviation({ mean }) / open);
  const denoise = (y: NdArray, sigma: number): Promise<NdArray> =>
    denoiser.denoise(
      y,
      shares.map((share) => denoiser.within(Number.isNaN(share) ? sigma : sigma * share)),
    );
  let used = first.evaluations + fit.evaluations + second.evaluations;
  const before = used;
  trace.add(used, fit.value);
  let found = fit.x;
  let ended = "all noise levels were gone through";
  const sigmas = noiseLevels(denoiser.within(widest * open), denoiser.within(last * open), levels);
  const steps = halfQuadraticSplitting({
    ...{ objective, denoise, start: fit.x, levels: sigmas, pull, inner, memory, signal },
    curvature: second.largest,
    evaluations: Math.max(1, budget.evaluations - used - inner),
  });
  let reached = 0;
  let fitted = fit.x;
  for await (const { x, fitted: at, sigma, value, step, evaluations } of steps) {
    found = x;
    fitted = at;
    reached = step;
    used = before + evaluations;
    trace.add(used, value);
    const message = `level ${step} of ${levels}, σ = ${sigma.toPrecision(3)}`;
    yield { kind: "progress", evaluations: used, fraction: step / levels, objective: value, message };
  }
  if (reached < levels) {
    ended = signal.aborted ? "the run was aborted" : `the evaluations were spent after ${reached} of ${levels} levels`;
  }
  const finest = denoiser.within(0);
  if (last * open < finest && reached > 0 && !signal.aborted) {
    // The observation says more than a denoiser can that was made for coarser noise: it has the last word.
    const weight = 1 / finest ** 2;
    const refined = await nearPoint(objective, {
      ...{ centre: found, start: fitted, weight, curvature: second.largest, memory, signal },
      evaluations: Math.max(inner, Math.min(4 * inner, budget.evaluations - used - 1)),
    });
    used += refined.evaluations;
    found = refined.x;
  }
  const { decoded, discrepancy } = await matching.evaluate({ input: withinDomain(problem, found) });
  used++;
  trace.add(used, discrepancy);
  const { residual } = await fitOf(problem, context.executor, decoded);
  yield {
    kind: "solution",
    value: decoded,
    residual,
    given,
    evaluations: used,
    trace: trace.points(),
    diagnostics: { openDeviation: open },
    ...conclude(problem, { residual, samples: batch, ended }),
  };
}
