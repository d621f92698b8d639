import type { BenchCase, Measurement } from "@recon/bench";
import { type Attack, compileDenoiser, type DenoiserPrior, noiseLevels, posteriorSampling, rng } from "@recon/core";
import type { NdArray } from "@recon/engine";
import { batchPsnr, meanOf, type NoisyVictim, noisyProblems, solve, toldOfPriors } from "./prior-noise-problems.ts";

/** Batches a trial, and the noise, of controls and of other attacks with the same prior. */
const [batches, level, evaluations, seeds] = [4, 1, 1000, 3];

export interface ControlOptions {
  /** `case/name`. */
  readonly id: string;
  readonly victim: () => NoisyVictim;
}

/** The problems of a case, batch by batch, as its own trial draws them. */
async function* problemsOf({ id, victim }: ControlOptions, seed: number, context: Parameters<BenchCase["trial"]>[1]) {
  const drawn = victim();
  const random = rng(id.split("/")[0]!).split(String(seed));
  for (let i = 0; i < (context.quick ? 1 : batches); i++) {
    const [problem] = await noisyProblems(drawn, "audit", [level], context, random.split(`batch ${i}`));
    yield { ...problem!, drawn, stream: random.split(`control ${i}`) };
  }
}

/** What someone says who has the prior and ignores the observation: its best guess, and a draw of it. */
export function priorOnlyCase(options: ControlOptions & { readonly prior: () => DenoiserPrior }): BenchCase {
  return {
    ...{ id: options.id, targets: {}, seeds, suite: "priors" },
    async *trial(seed, context) {
      const prior = options.prior();
      const [guesses, draws]: [number[], number[]] = [[], []];
      const started = performance.now();
      for await (const { truth, drawn, stream } of problemsOf(options, seed, context)) {
        const guess = prior.blind!(truth.shape, stream);
        const compiled = await compileDenoiser(prior, truth.shape, context.executor);
        const levels = noiseLevels(compiled.within(Number.POSITIVE_INFINITY), compiled.within(0), 30);
        const flat = {
          value: 0,
          gradient: { input: { shape: truth.shape, data: new Float64Array(truth.data.length) } },
        };
        const walk = {
          ...{ objective: async () => flat, pullback: compiled.pullback, centre: guess, levels, rng: stream },
          ...{ curvature: 1, memory: { s: [], y: [], rho: [] }, evaluations: 2 },
        };
        let draw: NdArray = guess;
        for await (const { x } of posteriorSampling(walk)) draw = x;
        guesses.push(batchPsnr(guess, truth, drawn.source.domain));
        draws.push(batchPsnr(draw, truth, drawn.source.domain));
        await compiled.dispose();
      }
      yield measurement("prior-only", {
        metric: { psnr_db: meanOf(guesses), psnr_draw_db: meanOf(draws) },
        given: ["auxiliaryData"],
        seconds: (performance.now() - started) / 1000,
        residual: Number.NaN,
        evaluations: 0,
        reason: "The prior's best guess and a draw of it; the observation is ignored.",
      });
    },
  };
}

/** Another attack with a prior on the same problems, at the largest noise. */
export function otherAttackCase(options: ControlOptions & { readonly attack: () => Attack }): BenchCase {
  return {
    ...{ id: options.id, targets: {}, seeds, suite: "priors" },
    async *trial(seed, context) {
      const attack = options.attack();
      const scores: number[] = [];
      let [seconds, used, residual] = [0, 0, 0];
      for await (const { problem, truth, drawn } of problemsOf(options, seed, context)) {
        const started = performance.now();
        const solution = await solve(attack, problem, context, context.quick ? evaluations / 10 : evaluations);
        seconds += (performance.now() - started) / 1000;
        used += solution.evaluations;
        residual += solution.residual;
        scores.push(batchPsnr(solution.value.input!, truth, drawn.source.domain));
      }
      yield measurement(attack.name, {
        metric: { psnr_db: meanOf(scores), rel_noise: level },
        given: [...toldOfPriors, "auxiliaryData"],
        ...{ seconds, evaluations: used, residual: residual / scores.length },
        reason: `Mean PSNR of ${scores.length} batches.`,
      });
    },
  };
}

function measurement(
  attack: string,
  of: Pick<Measurement, "metric" | "given" | "seconds" | "residual" | "evaluations" | "reason">,
): Measurement {
  return {
    ...{ item: `rel_noise=${level}`, attack, observation: "float32", certificate: "none", verdict: "partial" },
    floorReason: "the floor stands in the case itself",
    ...of,
  };
}
