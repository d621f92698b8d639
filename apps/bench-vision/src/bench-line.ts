import { bootstrap, type ResultRecord, rng } from "@recon/core";
import type { BenchCase, Target } from "./cases.ts";

/** One item of one case, in the form that all benchmarks share. */
export interface BenchLine {
  readonly app: "vision";
  readonly suite: string;
  readonly case: string;
  readonly seed: number;
  readonly item: string;
  readonly attack: string;
  readonly given: readonly string[];
  readonly observation: "float32" | "float64";
  readonly metric: Readonly<Record<string, number>>;
  readonly floor: Readonly<Record<string, number>>;
  readonly certificate: string;
  readonly verdict: string;
  readonly reason: string;
  readonly residual: number;
  readonly seconds: number;
  readonly evaluations: number;
  readonly target: Readonly<Record<string, Target>>;
  /** Absent for a baseline, which has no target. */
  readonly met?: boolean;
  readonly error?: string;
  readonly versions: Readonly<Record<string, string | number>>;
}

/** Whether a number meets a target. */
export function meets(value: number | undefined, target: Target): boolean {
  const bound = Number(target.slice(2));
  return value !== undefined && (target.startsWith(">=") ? value >= bound : value <= bound);
}

/** The line of a result; `psnr_gain_db` is what exceeds the floor. */
export function benchLine(
  bench: BenchCase,
  result: Omit<ResultRecord, "pictures">,
  versions: BenchLine["versions"],
): BenchLine {
  const gain = (result.metric.psnr_db ?? Number.NaN) - (result.floor.psnr_db ?? Number.NaN);
  const metric = { ...result.metric, psnr_gain_db: gain };
  const measured: Readonly<Record<string, number>> = { ...metric, seconds: result.seconds };
  const targets = Object.entries(bench.targets);
  return {
    app: "vision",
    suite: bench.suite,
    case: bench.id,
    seed: result.seed,
    item: result.item,
    attack: result.attack,
    given: result.given,
    observation: result.observation,
    metric,
    floor: { ...result.floor, psnr_gain_db: 0 },
    certificate: result.certificate,
    verdict: result.verdict,
    reason: result.reason,
    residual: result.residual,
    seconds: result.seconds,
    evaluations: result.evaluations,
    target: bench.targets,
    ...(targets.length > 0 && { met: targets.every(([name, target]) => meets(measured[name], target)) }),
    versions,
  };
}

/** A case that threw still has its line. */
export function failedLine(bench: BenchCase, seed: number, error: string, versions: BenchLine["versions"]): BenchLine {
  return {
    app: "vision",
    suite: bench.suite,
    case: bench.id,
    seed,
    item: "",
    attack: bench.attack().name,
    given: [],
    observation: "float32",
    metric: {},
    floor: {},
    certificate: "none",
    verdict: "budget spent",
    reason: error,
    residual: Number.NaN,
    seconds: Number.NaN,
    evaluations: 0,
    target: bench.targets,
    met: false,
    error,
    versions,
  };
}

/** How a number varies over the items of a case. */
export interface Spread {
  readonly median: number;
  readonly minimum: number;
  /** 95 % interval of the mean. */
  readonly interval: readonly [number, number] | null;
}

/** Median, minimum and 95 % interval of a case over its items. */
export interface BenchSummary {
  readonly app: "vision";
  readonly suite: string;
  readonly case: string;
  readonly summary: true;
  readonly items: number;
  readonly metric: Readonly<Record<string, Spread>>;
  /** Share of items that met the target; absent for a baseline. */
  readonly met?: number;
}

/** The last line of a case. Failed items count as missed and have no metrics. */
export function benchSummary(bench: BenchCase, lines: readonly BenchLine[]): BenchSummary {
  const done = lines.filter((line) => line.error === undefined);
  const names = [...Object.keys(done[0]?.metric ?? {}), "seconds"];
  const metric = Object.fromEntries(
    names.map((name) => {
      const values = done.map((line) => (name === "seconds" ? line.seconds : line.metric[name]!)).sort((a, b) => a - b);
      return [name, { median: median(values), minimum: values[0] ?? Number.NaN, interval: intervalOf(values, name) }];
    }),
  );
  const judged = Object.keys(bench.targets).length > 0;
  const met = lines.filter((line) => line.met === true).length / Math.max(1, lines.length);
  return {
    app: "vision",
    suite: bench.suite,
    case: bench.id,
    summary: true,
    items: lines.length,
    metric,
    ...(judged && { met }),
  };
}

function median(sorted: readonly number[]): number {
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/** Bootstrap interval of the mean; a single value, or one that is not finite, has none. */
function intervalOf(values: readonly number[], name: string): readonly [number, number] | null {
  if (values.length === 0 || values.some((value) => !Number.isFinite(value))) return null;
  return bootstrap(values, { rng: rng("benchmark interval").split(name) }).bounds;
}
