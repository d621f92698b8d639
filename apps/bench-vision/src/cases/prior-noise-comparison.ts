import type { BenchCase, Measurement, Target, TrialContext } from "@recon/bench";
import { type Attack, type DenoiserPrior, pairedBootstrap, plugAndPlay, rng } from "@recon/core";
import { maximumAPosteriori, totalVariation } from "@recon/vision";
import {
  batchPsnr,
  meanOf,
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

/** A form of total variation, with or without the differences between channels. */
interface Variation {
  readonly p: number;
  readonly q: number;
  readonly colour: boolean;
}

const variations = (channels: number): readonly Variation[] =>
  [false, ...(channels === 3 ? [true] : [])].flatMap((colour) => [
    { p: 2, q: 0.5, colour },
    { p: 1, q: 1, colour },
  ]);

/** Weights that total variation is tried at first, in nats a unit of gradient magnitude, and the factors by which the best is then moved. */
const [coarseWeights, finerFactors] = [
  [0.5, 2, 8, 32],
  [2, Math.SQRT2],
];

function variationOf(entries: number, form: Variation, tv: number): Candidate {
  const prior = totalVariation({ weight: tv * entries, ...form });
  const name = `tv ${Number(tv.toPrecision(2))}, p ${form.p}${form.colour ? ", colour" : ""}`;
  return [name, maximumAPosteriori({ tv }, [prior])];
}

/** Plug-and-play at a few settings of its noise levels, the first of which denoises once. */
function learnedCandidates(prior: DenoiserPrior): readonly Candidate[] {
  const settings = [
    { levels: 1, widest: 1, last: 1, pull: 0.01, inner: 60 },
    { widest: 1, last: 0.1 },
    { widest: 1, last: 0.3 },
    { widest: 3, last: 0.3 },
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

/** The best settings at every level, on batches of the tuning part. */
async function tune(victim: NoisyVictim, prior: DenoiserPrior, context: TrialContext): Promise<readonly Tuned[]> {
  const { channels, height, width } = sidesOf(victim);
  const random = rng("prior noise tuning");
  const drawn: (readonly NoisyProblem[])[] = [];
  for (let i = 0; i < (context.quick ? 1 : tuningBatches); i++) {
    drawn.push(await noisyProblems(victim, "tuning", relativeNoise, context, random.split(`batch ${i}`)));
  }
  const result: Tuned[] = [];
  for (let level = 0; level < relativeNoise.length; level++) {
    const score = async ([, attack]: Candidate): Promise<number> => {
      let total = 0;
      for (const problems of drawn) total += await scoreOf(attack, problems[level]!, victim, context);
      return total;
    };
    const tv = await bestVariation(channels, victim.batch * channels * height * width, score);
    result.push({ tv, learned: await bestOf(learnedCandidates(prior), score) });
  }
  return result;
}

type Score = (candidate: Candidate) => Promise<number>;

async function bestOf(candidates: readonly Candidate[], score: Score): Promise<Candidate> {
  const scores: number[] = [];
  for (const candidate of candidates) scores.push(await score(candidate));
  return candidates[scores.indexOf(Math.max(...scores))]!;
}

/** The best form at the best of a few weights, then the weight more finely. */
async function bestVariation(channels: number, entries: number, score: Score): Promise<Candidate> {
  let best = { form: variations(channels)[0]!, tv: 1, reached: Number.NEGATIVE_INFINITY };
  const tryAt = async (form: Variation, tv: number): Promise<void> => {
    const reached = await score(variationOf(entries, form, tv));
    if (reached > best.reached) best = { form, tv, reached };
  };
  for (const form of variations(channels)) for (const tv of coarseWeights) await tryAt(form, tv);
  for (const factor of finerFactors) {
    const { form, tv } = best;
    await tryAt(form, tv * factor);
    await tryAt(form, tv / factor);
  }
  return variationOf(entries, best.form, best.tv);
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
      psnr_gain_db: mean,
      psnr_db: meanOf(at.learned),
      psnr_tv_db: meanOf(at.tv),
      psnr_plain_db: meanOf(at.plain),
      rel_noise: relativeNoise[judged]!,
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
