import type { BenchCase, Measurement, Target, TrialContext } from "@recon/bench";
import { type Attack, type DenoiserPrior, pairedBootstrap, plugAndPlay, rng } from "@recon/core";
import { maximumAPosteriori, totalVariation } from "@recon/vision";
import {
  batchPsnr,
  type NoisyProblem,
  type NoisyVictim,
  noisyProblems,
  solve,
  toldOfPriors,
} from "./prior-noise-problems.ts";

export interface PriorNoiseOptions {
  readonly id: string;
  readonly victim: () => NoisyVictim;
  readonly prior: (victim: NoisyVictim) => DenoiserPrior;
  readonly targets: Readonly<Record<string, Target>>;
}

export const relativeNoise: readonly number[] = [0.03, 0.1, 0.3, 1];

/** Batches a trial and batches that settings are chosen on, and evaluations of every attack. */
const [batches, tuningBatches, evaluations, seeds] = [20, 6, 200, 3];

type Candidate = readonly [name: string, attack: Attack];

/**
 * Total variation, isotropic and not, for three channels also with the differences between them, over a grid of weights a factor of two apart; the weight is in nats
 * a unit of gradient magnitude.
 */
function tvCandidates(entries: number, channels: number): readonly Candidate[] {
  const weights = [0.5, 1, 2, 4, 8, 16, 32, 64];
  const forms = [false, ...(channels === 3 ? [true] : [])].flatMap((colour) => [
    { p: 2, q: 0.5, colour },
    { p: 1, q: 1, colour },
  ]);
  return forms.flatMap((form) =>
    weights.map((tv): Candidate => {
      const prior = totalVariation({ weight: tv * entries, ...form });
      return [`tv ${tv}, p ${form.p}${form.colour ? ", colour" : ""}`, maximumAPosteriori({ tv }, [prior])];
    }),
  );
}

/** Plug-and-play at a few settings of its noise levels. */
function learnedCandidates(prior: DenoiserPrior): readonly Candidate[] {
  const settings = [
    { widest: 1, last: 0.1 },
    { widest: 3, last: 0.3 },
    { widest: 3, last: 0.5 },
    { widest: 1, last: 0.3 },
  ];
  return settings.map((setting): Candidate => [JSON.stringify(setting), plugAndPlay(setting, [prior])]);
}

/**
 * What a learned prior gains over the best total variation at each noise, on the same batches, observations and evaluations; both are tuned for each noise on
 * other data. Judged at the largest noise at which the attack without a prior still beats the guess of one who saw nothing.
 */
export function priorNoiseCase({ id, victim, prior, targets }: PriorNoiseOptions): BenchCase {
  const tuned = new Map<string, Promise<readonly Tuned[]>>();
  return {
    ...{ id, targets, seeds, suite: "priors" },
    async *trial(seed, context) {
      const drawn = victim();
      const learned = prior(drawn);
      const key = String(context.quick);
      const settings = tuned.get(key) ?? tune(drawn, learned, context);
      tuned.set(key, settings);
      yield await compare(id, drawn, learned, await settings, seed, context);
    },
  };
}

interface Tuned {
  readonly tv: Candidate;
  readonly learned: Candidate;
}

/** The best of the candidates at every level, on batches of the tuning part. */
async function tune(victim: NoisyVictim, prior: DenoiserPrior, context: TrialContext): Promise<readonly Tuned[]> {
  const { channels, height, width } = sidesOf(victim);
  const all = {
    tv: tvCandidates(victim.batch * channels * height * width, channels),
    learned: learnedCandidates(prior),
  };
  const random = rng("prior noise tuning");
  const drawn: (readonly NoisyProblem[])[] = [];
  for (let i = 0; i < (context.quick ? 1 : tuningBatches); i++) {
    drawn.push(await noisyProblems(victim, "tuning", relativeNoise, context, random.split(`batch ${i}`)));
  }
  const best = async (candidates: readonly Candidate[], level: number): Promise<Candidate> => {
    const scores: number[] = [];
    for (const [, attack] of candidates) {
      let total = 0;
      for (const problems of drawn) total += await scoreOf(attack, problems[level]!, victim, context);
      scores.push(total);
    }
    return candidates[scores.indexOf(Math.max(...scores))]!;
  };
  const result: Tuned[] = [];
  for (let level = 0; level < relativeNoise.length; level++) {
    result.push({ tv: await best(all.tv, level), learned: await best(all.learned, level) });
  }
  return result;
}

function sidesOf({ source }: NoisyVictim): Record<"channels" | "height" | "width", number> {
  const [channels, height, width] = source.domain.shape as [number, number, number];
  return { channels, height, width };
}

async function scoreOf(
  attack: Attack,
  { problem, truth }: NoisyProblem,
  { source }: NoisyVictim,
  context: TrialContext,
): Promise<number> {
  const { value } = await solve(attack, problem, context, evaluations);
  return batchPsnr(value.input!, truth, source.domain);
}

async function compare(
  id: string,
  victim: NoisyVictim,
  prior: DenoiserPrior,
  tuned: readonly Tuned[],
  seed: number,
  context: TrialContext,
): Promise<Measurement> {
  const { domain } = victim.source;
  const random = rng(id).split(String(seed));
  const plain = maximumAPosteriori({ tv: 0 });
  const scores = relativeNoise.map(() => ({
    ...{ plain: [] as number[], tv: [] as number[], learned: [] as number[] },
    ...{ seconds: 0, used: 0, residual: 0 },
  }));
  const blind: number[] = [];
  const count = context.quick ? 2 : batches;
  for (let i = 0; i < count; i++) {
    const problems = await noisyProblems(victim, "audit", relativeNoise, context, random.split(`batch ${i}`));
    const { truth } = problems[0]!;
    const guesses = [
      prior.blind!(truth.shape, random),
      { shape: truth.shape, data: new Float32Array(truth.data.length) },
    ];
    blind.push(Math.max(...guesses.map((guess) => batchPsnr(guess, truth, domain))));
    for (const [level, problem] of problems.entries()) {
      const at = scores[level]!;
      at.plain.push(await scoreOf(plain, problem, victim, context));
      at.tv.push(await scoreOf(tuned[level]!.tv[1], problem, victim, context));
      const started = performance.now();
      const solution = await solve(tuned[level]!.learned[1], problem.problem, context, evaluations);
      at.seconds += (performance.now() - started) / 1000;
      at.used += solution.evaluations;
      at.residual += solution.residual / count;
      at.learned.push(batchPsnr(solution.value.input!, truth, domain));
    }
  }
  const floor = meanOf(blind);
  const informative = scores.map(({ plain: values }) => meanOf(values) > floor).lastIndexOf(true);
  const judged = Math.max(0, informative);
  const at = scores[judged]!;
  const { mean, bounds } = pairedBootstrap(at.learned, at.tv, {
    rng: rng("prior noise interval").split(`${id} ${seed}`),
  });
  const every = scores.flatMap(({ plain: a, tv: b, learned: c }, level) => [
    [`psnr_plain_at_${relativeNoise[level]}`, meanOf(a)],
    [`psnr_tv_at_${relativeNoise[level]}`, meanOf(b)],
    [`psnr_at_${relativeNoise[level]}`, meanOf(c)],
  ]);
  const chosen = tuned
    .map(({ tv, learned }, level) => `${relativeNoise[level]}: ${tv[0]} and ${learned[0]}`)
    .join("; ");
  return {
    item: `rel_noise=${relativeNoise[judged]}`,
    attack: "plug-and-play",
    given: [...toldOfPriors, "auxiliaryData"],
    observation: "float32",
    metric: {
      rel_noise: relativeNoise[judged]!,
      psnr_db: meanOf(at.learned),
      psnr_tv_db: meanOf(at.tv),
      psnr_plain_db: meanOf(at.plain),
      psnr_gain_db: mean,
      ...(bounds && { gain_low: bounds[0], gain_high: bounds[1] }),
      ...(Object.fromEntries(every) as Record<string, number>),
    },
    floor: { psnr_db: floor },
    floorName: "the mean of the prior's training data",
    certificate: "none",
    verdict: "partial",
    reason: `Mean PSNR of ${count} batches of ${victim.batch}, paired with total variation. Settings chosen on other data, at ${chosen}.`,
    residual: at.residual,
    seconds: at.seconds,
    evaluations: at.used,
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value / values.length, 0);
}
