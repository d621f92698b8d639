import type { BenchCase, Measurement, TrialContext } from "@recon/bench";
import { analytic, gaussianNoise, maximumAPosteriori, pairedBootstrap, rng } from "@recon/core";
import { coarseDigits, coarseSize, priorOfDigits } from "../data/coarse-digits.ts";
import { cleanGradient, observedProblem } from "../victims/observed-problem.ts";
import { meanOf, noisyVictim, solve, squaredError, toldOfNoise, toldTarget } from "./noisy-vectors.ts";

/** Width of the layer, problems at every noise, and digits that the prior is estimated from, which are none of the problems'. */
const [hidden, problems, separate] = [4, 20, 1000];
const relativeNoise = [0.03, 0.1, 0.3, 1];

/** What a likelihood with a prior gains over plain least squares on digits: the same victims, starts and evaluations; the prior is that of other digits. */
export const mapGainCases: readonly BenchCase[] = [
  {
    id: "map-gain",
    suite: "defences",
    // The lower ends of the 95 % intervals of the mean gain, in dB of |error|: ratios, since some weights make every error large.
    targets: { gain_low: ">=0.000001", "gain_low_at_0.1": ">=0.000001" },
    seeds: 4,
    trial: judged,
  },
];

/** Judged at the largest noise at which plain least squares still beats the blind guess. */
async function* judged(seed: number, context: TrialContext): AsyncGenerator<Measurement, void> {
  const all: Comparison[] = [];
  for (const level of relativeNoise) all.push(await compare(level, seed, context));
  const chosen = all.filter(({ plain, blind }) => plain < blind).at(-1) ?? all[0]!;
  const every = all.flatMap(({ level, plain, map, interval }) => [
    [`rms_at_${level}`, map],
    [`rms_plain_at_${level}`, plain],
    [`gain_low_at_${level}`, interval[0]],
  ]);
  yield measurement(chosen, Object.fromEntries(every));
}

interface Comparison {
  readonly level: number;
  /** Mean |error|. */
  readonly plain: number;
  readonly map: number;
  readonly blind: number;
  /** Of the mean gain in dB, 95 %. */
  readonly interval: readonly [number, number];
  readonly gain: number;
  readonly residual: number;
  readonly seconds: number;
  readonly evaluations: number;
  readonly problems: number;
}

async function compare(level: number, seed: number, context: TrialContext): Promise<Comparison> {
  const random = rng(seed).split("map gain");
  const model = noisyVictim(coarseSize, hidden);
  const count = context.quick ? 6 : problems;
  const prior = await priorOfDigits(await coarseDigits(0, separate));
  const others = await coarseDigits(separate + seed * problems, count);
  const guess = prior.blind([1, coarseSize], random);
  const shared = { from: [analytic()], draws: 0 };
  const attacks = [maximumAPosteriori({ ...shared, prior: "flat" }), maximumAPosteriori({ ...shared, prior })];
  const errors: number[][] = [[], []];
  const blind: number[] = [];
  let [residual, seconds, evaluations] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const stream = random.split(`problem ${i}`);
    const batch = {
      model,
      params: model.init(stream.split("weights")),
      input: { shape: [1, coarseSize], data: others[i]! },
      target: toldTarget,
    };
    const clean = await cleanGradient(batch, context.executor);
    const problem = observedProblem(
      batch,
      clean,
      [gaussianNoise({ rel_noise: level })],
      stream.split(`noise ${level}`),
    );
    for (const [k, attack] of attacks.entries()) {
      const started = performance.now();
      const solution = await solve(attack, problem, context, `${seed} ${i}`, 4000);
      if (k === 1) {
        seconds += (performance.now() - started) / 1000;
        evaluations += solution.evaluations;
        residual += solution.residual / count;
      }
      errors[k]!.push(Math.sqrt(squaredError(solution.value.input!, batch.input)));
    }
    blind.push(Math.sqrt(squaredError(guess, batch.input)));
  }
  const { mean, bounds } = pairedBootstrap(decibels(errors[0]!), decibels(errors[1]!), {
    rng: rng("map gain").split(`${seed} ${level}`),
  });
  const [plain, map] = errors.map((values) => meanOf(values).mean) as [number, number];
  return {
    level,
    plain,
    map,
    blind: meanOf(blind).mean,
    interval: bounds!,
    gain: mean,
    residual,
    seconds,
    evaluations,
    problems: count,
  };
}

function measurement(of: Comparison, more: Readonly<Record<string, number>>): Measurement {
  const { level, plain, map, blind, interval, gain, residual, seconds, evaluations } = of;
  return {
    item: `rel_noise=${level}`,
    attack: "maximum-a-posteriori",
    given: [...toldOfNoise, "auxiliaryData"],
    observation: "float64",
    metric: {
      rel_noise: level,
      rms: map,
      rms_plain: plain,
      psnr_gain_db: gain,
      gain_low: interval[0],
      gain_high: interval[1],
      ...more,
    },
    floor: { rms: blind, rms_plain: blind },
    certificate: "none",
    verdict: "partial",
    reason: `Mean |error| of ${of.problems} coarse digits, paired with plain least squares from the same starts; the interval is a bootstrap of the gains in dB.`,
    residual,
    seconds,
    evaluations,
  };
}

function decibels(errors: readonly number[]): readonly number[] {
  return errors.map((error) => 20 * Math.log10(error));
}
