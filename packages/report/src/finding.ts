import {
  bootstrap,
  type FailureRecord,
  type Interval,
  type ResultRecord,
  type RunContents,
  rng,
  type ScenarioRecord,
} from "@recon/core";
import { ceilingOf, formatScore, type MetricInfo } from "./number-format.ts";

/** What one attack reached in one scenario. */
export interface Finding {
  readonly scenario: ScenarioRecord;
  readonly attack: string;
  readonly results: readonly ResultRecord[];
  readonly failures: readonly FailureRecord[];
  /** Items with a result, and the items of failed trials: a failure counts as missed. */
  readonly attempted: number;
  /** trials × batch. */
  readonly planned: number;
  /** Items with the verdict `recovered`: decided without the originals. */
  readonly recovered: number;
  /** Who scores the floor of all its items, such as `blind guess`; `floor` where they differ or it is not said. */
  readonly floorName: string;
  /** In the order of the domain; the first one is the one that is summed up. Empty when there were no originals. */
  readonly scores: readonly MetricFinding[];
}

/** One metric over the items of a finding. Scores above the ceiling of their unit count as the ceiling. */
export interface MetricFinding {
  readonly metric: MetricInfo;
  readonly median: number;
  /** Mean over items with its 95 % bootstrap interval. */
  readonly mean: Interval;
  /** The worst item. */
  readonly worst: number;
  /** Some score was cut at the ceiling of its unit: means are larger than they say. */
  readonly cut: boolean;
  readonly floor?: {
    readonly median: number;
    /** The leak: how much better than the floor, paired by item, positive when better. */
    readonly gain: Interval;
    /** Items that score better than their floor. */
    readonly better: number;
    /** Items that have a floor. */
    readonly items: number;
  };
}

/** Groups the results and failures of a run by scenario and attack, in the order in which they were written. */
export function findings({ run, results, failures }: RunContents, scenario: ScenarioRecord): readonly Finding[] {
  const mine = results.filter((result) => result.scenario === scenario.id);
  const failed = failures.filter((failure) => failure.scenario === scenario.id);
  const attacks = [...new Set([...mine, ...failed].map((record) => record.attack))];
  return attacks.map((attack) => {
    const own = mine.filter((result) => result.attack === attack);
    const lost = failed.filter((failure) => failure.attack === attack);
    return {
      scenario,
      attack,
      results: own,
      failures: lost,
      attempted: own.length + lost.length * scenario.batch,
      planned: scenario.trials * scenario.batch,
      recovered: own.filter((result) => result.verdict === "recovered").length,
      floorName: floorNameOf(own),
      scores: scenario.metrics.flatMap((metric) => scored(metric, own, `${run.seed}/${scenario.id}/${attack}`)),
    };
  });
}

function floorNameOf(results: readonly ResultRecord[]): string {
  const [first, ...others] = new Set(results.map(({ floorName }) => floorName));
  return others.length === 0 && first !== undefined ? first : "floor";
}

/** The score of one item as it counts in means and charts: at most the ceiling of its unit. */
export function counted(score: number, metric: MetricInfo): number {
  return Math.min(score, ceilingOf(metric.unit));
}

/** A score by its name; undefined when it was not measured. Names come from files: "constructor" is one like any other. */
export function scoreIn(scores: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(scores, name) ? scores[name] : undefined;
}

/** The gain over the floor with its unit, `≥` when a score was cut at the ceiling of its unit. */
export function formatGain(value: number, { metric, cut }: MetricFinding): string {
  const shown = formatScore(value, metric.unit);
  return cut && metric.better === "higher" && !shown.startsWith("≥") ? `≥ ${shown}` : shown;
}

/** The middle value; the mean of the two middle ones for an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function scored(metric: MetricInfo, results: readonly ResultRecord[], seed: string): MetricFinding[] {
  const present = results.filter((result) => scoreIn(result.metric, metric.name) !== undefined);
  const value = (result: ResultRecord): number => counted(scoreIn(result.metric, metric.name) ?? Number.NaN, metric);
  const values = present.map(value);
  if (values.length === 0) return [];
  const interval = (sample: readonly number[], what: string): Interval =>
    sample.every(Number.isFinite)
      ? bootstrap(sample, { rng: rng(`${seed}/${metric.name}/${what}`) })
      : { mean: Number.NaN, bounds: null, count: sample.length };
  const paired = present.filter((result) => scoreIn(result.floor, metric.name) !== undefined);
  const floors = paired.map((result) => counted(scoreIn(result.floor, metric.name) ?? Number.NaN, metric));
  const sign = metric.better === "higher" ? 1 : -1;
  const gains = paired.map((result, index) => sign * (value(result) - (floors[index] ?? Number.NaN)));
  const found = {
    metric,
    median: median(values),
    mean: interval(values, "score"),
    worst: metric.better === "higher" ? Math.min(...values) : Math.max(...values),
    cut: values.includes(ceilingOf(metric.unit)),
  };
  if (gains.length === 0) return [found];
  const floor = {
    median: median(floors),
    gain: interval(gains, "gain"),
    better: gains.filter((gain) => gain > 0).length,
    items: gains.length,
  };
  return [{ ...found, floor }];
}
