import { type BenchCase, failedMeasurement, type Measurement, type TrialContext } from "@recon/bench";
import {
  type Attack,
  audit,
  defaultKnowledge,
  type EnergyPrior,
  gaussian,
  gaussianNoise,
  gradient,
  maximumAPosteriori,
  pairedBootstrap,
  type ResultRecord,
  rng,
  type Scenario,
} from "@recon/core";
import { fcn } from "@recon/timeseries";
import { blindGuess } from "../victims/blind-guess.ts";
import { type BenchSeries, benchSeries } from "../victims/series.ts";
import { auxiliaryData, withAuxiliaryData } from "../victims/with-auxiliary-data.ts";

const id = "prior-effect";
/** Windows of one trial, at every noise. */
const windows = 20;
const relativeNoise = [0.03, 0.1, 0.3, 1];

/**
 * What a process that was fitted to the public part of a series takes off the error under noise: the same victims, starts and evaluations.
 *
 * Judged is the process of inputs and targets in one piece whose innovations are normal with variances of their own. Beside it stands the one whose innovations are
 * all of one variance, alone and of inputs and targets.
 */
export const priorEffectCases: readonly BenchCase[] = benchSeries.map((series) => ({
  id,
  suite: series.name,
  // The mean error over that without the prior, and the lower end of the 95 % interval of the mean difference.
  targets: { error_ratio: "<=0.8", gain_low: ">=0.000001" },
  // Twenty windows each.
  seeds: 1,
  trial: (seed, context) => judged(series, seed, context),
}));

/** What stands beside each other, by the names under which it is printed. */
function attacksOn({ source, prior, heavyTailed }: BenchSeries): Readonly<Record<string, Attack>> {
  const { domain } = source;
  // Targets are unknown too; what is said of them is the same for all.
  const targetPrior = gaussian({ mean: 0.5, std: 0.3 });
  const shared = { targetPrior, from: [blindGuess()], draws: 0 };
  const search = (own: EnergyPrior | "flat"): Attack => maximumAPosteriori({ ...shared, prior: own });
  const joint = (own: EnergyPrior, from: readonly Attack[] = shared.from): Attack =>
    maximumAPosteriori({ ...shared, prior: own, targetPrior: "joint", from });
  const independent = gaussian({ mean: domain.blind([domain.observed, domain.features]), std: 0.2 });
  return {
    plain: search("flat"),
    independent: search(independent),
    // The heavy-tailed density has many maxima: the search starts from the only one of the Gaussian process.
    process: withAuxiliaryData(joint(heavyTailed(), [joint(prior())])),
    gaussian_process: withAuxiliaryData(search(prior())),
    gaussian_process_joint: withAuxiliaryData(joint(prior())),
    prior_only: withAuxiliaryData(blindGuess(prior())),
  };
}

/** Judged at the largest noise at which the search without a prior still beats the floor in the mean. */
async function* judged(series: BenchSeries, seed: number, context: TrialContext): AsyncGenerator<Measurement, void> {
  const levels: Level[] = [];
  for (const noise of relativeNoise) {
    const level = await compare(series, noise, seed, context);
    if (typeof level === "string") {
      if (!context.signal.aborted) yield failedMeasurement(level);
      return;
    }
    levels.push(level);
  }
  const chosen = levels.findLast(({ rmse, floor }) => rmse.plain! < floor) ?? levels[0]!;
  yield measurement(chosen, levels);
}

/** Mean errors over the windows at one noise. */
interface Level {
  readonly noise: number;
  /** RMSE of inputs, by attack. */
  readonly rmse: Readonly<Record<string, number>>;
  readonly floor: number;
  /** Of the mean of (plain − process), 95 %. */
  readonly gain: readonly [number, number];
  readonly windows: number;
  readonly record: Omit<ResultRecord, "pictures">;
  readonly seconds: number;
  readonly evaluations: number;
}

async function compare(
  series: BenchSeries,
  noise: number,
  seed: number,
  { executor, signal, quick }: TrialContext,
): Promise<Level | string> {
  const attacks = attacksOn(series);
  const records: Record<string, Omit<ResultRecord, "pictures">[]> = {};
  for (const [name, attack] of Object.entries(attacks)) {
    const scenario = scenarioOn(series, noise, attack, quick);
    records[name] = [];
    for await (const event of audit([scenario], { executor, seed, signal, diagnosis: false })) {
      if (event.kind === "failure") return `${name}: ${event.record.error.message}`;
      if (event.kind === "result") records[name].push(event.record);
    }
  }
  const errors = (of: string): readonly number[] => records[of]!.map(({ metric }) => metric.rmse_x!);
  const stream = rng(id).split(`${series.name} ${seed} ${noise}`);
  const { bounds } = pairedBootstrap(errors("plain"), errors("process"), { rng: stream });
  const own = records.process!;
  return {
    noise,
    rmse: Object.fromEntries(Object.keys(attacks).map((name) => [name, mean(errors(name))])),
    floor: mean(own.map(({ floor }) => floor.rmse_x!)),
    gain: bounds ?? [Number.NaN, Number.NaN],
    windows: own.length,
    record: own[0]!,
    seconds: mean(own.map(({ seconds }) => seconds)),
    evaluations: own.reduce((total, { evaluations }) => total + evaluations, 0),
  };
}

/** The same windows, weights and noise for every attack. */
function scenarioOn({ source }: BenchSeries, noise: number, attack: Attack, quick: boolean): Scenario {
  const { domain } = source;
  return {
    id,
    title: id,
    summary: "",
    model: fcn({}, { input: [domain.observed, domain.features], classes: domain.horizon }),
    source: { ...source, domain: { ...domain, render: async () => [] } },
    batch: 1,
    operator: gradient(),
    defences: [gaussianNoise({ rel_noise: noise })],
    observationPrecision: "float32",
    known: [...defaultKnowledge, auxiliaryData],
    attacks: [attack],
    trials: quick ? 3 : windows,
    budget: { evaluations: 2500 },
    onError: "skip",
    audit: {},
  };
}

function measurement(at: Level, levels: readonly Level[]): Measurement {
  const { noise, rmse, floor, gain, record } = at;
  const every = levels.flatMap((level) => [
    ...Object.entries(level.rmse).map(([name, value]) => [`rmse_${name}_at_${level.noise}`, value] as const),
    [`gain_low_at_${level.noise}`, level.gain[0]] as const,
  ]);
  return {
    item: `${at.windows} windows, rel_noise=${noise}`,
    attack: record.attack,
    given: record.given,
    observation: "float32",
    metric: {
      rel_noise: noise,
      rmse_x: rmse.process!,
      rmse_plain: rmse.plain!,
      rmse_independent: rmse.independent!,
      rmse_prior_only: rmse.prior_only!,
      error_ratio_gaussian: rmse.gaussian_process! / rmse.plain!,
      error_ratio_gaussian_joint: rmse.gaussian_process_joint! / rmse.plain!,
      error_ratio: rmse.process! / rmse.plain!,
      gain_low: gain[0],
      gain_high: gain[1],
      ...Object.fromEntries(every),
    },
    floor: { rmse_x: floor },
    certificate: "none",
    verdict: "partial",
    reason: `Means over ${at.windows} windows, paired with a search without a prior; the interval is a bootstrap of the differences.`,
    residual: record.residual,
    seconds: at.seconds,
    evaluations: at.evaluations,
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
