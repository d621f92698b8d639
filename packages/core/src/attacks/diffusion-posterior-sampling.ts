import type { NdArray } from "@recon/engine";
import { firstNonFinite } from "../arrays.ts";
import { checkOptions, integer, positive } from "../options.ts";
import type { Attack, AttackContext, Prior, Problem, Progress, Solution } from "../problem.ts";
import { nearPoint } from "../solvers/near-point.ts";
import { curvatureAt, noiseLevels, openDeviation } from "../solvers/noise-levels.ts";
import { posteriorSampling } from "../solvers/posterior-sampling.ts";
import { startTrace } from "../solvers/trace.ts";
import { conclude } from "./conclude.ts";
import { type DenoisedSetting, denoisedSetting, denoiserApplies, withinDomain } from "./denoised-data-term.ts";
import { fitOf } from "./forward.ts";

export interface DiffusionPosteriorSamplingOptions {
  /** Noise levels of one draw. 30 unless said. */
  readonly levels?: number;
  /** Evaluations a level. 4 unless said. */
  readonly inner?: number;
  /** Draws, whose mean is the value and whose spread the uncertainty. 4 unless said. */
  readonly draws?: number;
  /** Noise over rms that is assumed of an observation whose channel states no likelihood. .01 unless said. */
  readonly assumedNoise?: number;
}

type Settled = Required<DiffusionPosteriorSamplingOptions>;

/**
 * Draws from the posterior by reversing a diffusion under a denoiser, each step led to where the channel's likelihood and the denoiser
 * agree; the value is their mean, which has the least
 * squared error, and the uncertainty their standard deviation.
 *
 * @throws ReconError `bad-option`; `prior-not-finite` where the denoiser returns NaN.
 * @see H. Chung et al., "Diffusion posterior sampling for general noisy inverse problems", ICLR 2023.
 */
export function diffusionPosteriorSampling(
  options: DiffusionPosteriorSamplingOptions = {},
  priors: readonly Prior[] = [],
): Attack {
  checkOptions("diffusionPosteriorSampling", options, {
    levels: integer(2),
    inner: integer(2),
    draws: integer(1),
    assumedNoise: positive(),
  });
  const { levels = 30, inner = 4, draws = 4, assumedNoise = 0.01 } = options;
  const settled = { levels, inner, draws, assumedNoise };
  return {
    name: "dps",
    options: { ...settled, priors: priors.map(({ name }) => name) },
    cite: "H. Chung et al., Diffusion posterior sampling for general noisy inverse problems, ICLR 2023",
    needs: ["architecture", "weights", "batchSize"],
    applies: (problem) => denoiserApplies(problem, priors, "dps"),
    run: async function* (problem, context) {
      const setting = await denoisedSetting(problem, context, priors, assumedNoise);
      try {
        yield* search(problem, context, setting, settled);
      } finally {
        await setting.dispose();
      }
    },
  };
}

/** Evaluations that find where the data term leads, and probes of its curvature there. */
const [fitting, probes, probeStep] = [16, 6, 0.1];

/** The first and the last noise level, as multiples of what the observation leaves open. */
const [widest, finest] = [3, 0.1];

async function* search(
  problem: Problem,
  context: AttackContext,
  { matching, denoiser, start, batch, given }: DenoisedSetting,
  { levels, inner, draws }: Settled,
): AsyncGenerator<Progress | Solution, void> {
  const { signal, budget, rng } = context;
  const objective = matching.evaluate;
  const memory = { s: [], y: [], rho: [] };
  const probing = { step: probeStep, probes, rng: rng.split("probes") };
  const first = await curvatureAt(objective, start, probing);
  const fit = await nearPoint(objective, {
    ...{ centre: start, start, curvature: first.largest, evaluations: fitting, signal },
    memory,
    weight: 0.01 * first.mean,
  });
  const second = await curvatureAt(objective, fit.x, probing);
  const trace = startTrace();
  let used = first.evaluations + fit.evaluations + second.evaluations;
  trace.add(used, fit.value);
  const last = denoiser.within(finest * openDeviation(second));
  // From well above what the observation leaves open: of what is wider, it says more than any prior.
  const sigmas = noiseLevels(denoiser.within(widest * openDeviation(second)), last, levels);
  const ends: NdArray[] = [];
  for (let draw = 0; draw < draws && !signal.aborted; draw++) {
    if (draw > 0 && used + inner * levels + 1 > budget.evaluations) break;
    const before = used;
    let found: NdArray | undefined;
    const walk = posteriorSampling({
      ...{ objective, pullback: denoiser.pullback, centre: fit.x, levels: sigmas, memory, signal },
      ...{ curvature: second.largest, evaluations: inner },
      rng: rng.split(`draw ${draw}`),
    });
    for await (const { x, sigma, value, step, evaluations } of walk) {
      if (step === levels) found = x;
      used = before + evaluations;
      trace.add(used, value);
      const message = `draw ${draw + 1} of ${draws}, σ = ${sigma.toPrecision(3)}`;
      const fraction = (draw + step / levels) / draws;
      yield { kind: "progress", evaluations: used, fraction, objective: value, message };
    }
    if (found !== undefined && firstNonFinite({ found }) === undefined) ends.push(found);
  }
  const { mean, deviation } = summary(ends.length > 0 ? ends : [fit.x]);
  const { decoded, discrepancy } = await matching.evaluate({ input: withinDomain(problem, mean) });
  used++;
  trace.add(used, discrepancy);
  const { residual } = await fitOf(problem, context.executor, decoded);
  const ended = signal.aborted ? "the run was aborted" : `${ends.length} of ${draws} draws were made`;
  yield {
    kind: "solution",
    value: decoded,
    ...(ends.length > 1 && { uncertainty: { input: deviation } }),
    residual,
    given,
    evaluations: used,
    trace: trace.points(),
    diagnostics: { draws: ends.length, openDeviation: openDeviation(second) },
    ...conclude(problem, { residual, samples: batch, ended }),
  };
}

/** Mean and standard deviation entry by entry. */
function summary(draws: readonly NdArray[]): { readonly mean: NdArray; readonly deviation: NdArray } {
  const { shape, data } = draws[0]!;
  const mean = Float64Array.from(data, (_, i) => draws.reduce((sum, draw) => sum + draw.data[i]! / draws.length, 0));
  const freedom = Math.max(1, draws.length - 1);
  const deviation = mean.map((m, i) =>
    Math.sqrt(draws.reduce((sum, draw) => sum + (draw.data[i]! - m) ** 2 / freedom, 0)),
  );
  return { mean: { shape, data: mean }, deviation: { shape, data: deviation } };
}
