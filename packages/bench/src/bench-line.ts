import { bootstrap, rng } from "@recon/core";
import type { BenchCase, Measurement, Target } from "./bench-case.ts";

/** What every line of a run has in common. */
export interface RunFacts {
  readonly app: string;
  /** A check that everything works, not a measurement; absent for a measurement. */
  readonly quick?: true;
  readonly versions: Readonly<Record<string, string | number>>;
}

/** One item of one trial of one case. */
export interface BenchLine extends RunFacts, Omit<Measurement, "floorName" | "floorReason"> {
  readonly suite: string;
  readonly case: string;
  readonly seed: number;
  readonly floor_name?: string;
  readonly floor_reason?: string;
  readonly target: Readonly<Record<string, Target>>;
  /** Absent for a baseline, which has no target. */
  readonly met?: boolean;
}

/** How a number varies over the items of a case. */
export interface Spread {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
  /** 95 % bootstrap interval of the mean; null where there is none. */
  readonly interval: readonly [number, number] | null;
}

/** The last line of a case. */
export interface BenchSummary extends RunFacts {
  readonly suite: string;
  readonly case: string;
  readonly summary: true;
  readonly observation: string;
  readonly items: number;
  readonly seeds: number;
  readonly metric: Readonly<Record<string, Spread>>;
  readonly target: Readonly<Record<string, Target>>;
  /** Share of items that met the targets; this and the next two are absent for a baseline. */
  readonly met?: number;
  /** Seeds of which every item met the targets. */
  readonly seeds_met?: number;
  /** Present where the median over all items decides, and not the seeds. */
  readonly judged?: "median";
  /** Whether that is the share of seeds that the case asks for; where the median decides, whether it meets the targets. */
  readonly case_met?: boolean;
}

/** Whether a number meets a target. */
export function meets(value: number | undefined, target: Target): boolean {
  const bound = Number(target.slice(2));
  return value !== undefined && (target.startsWith(">=") ? value >= bound : value <= bound);
}

/** The line of a measurement. */
export function benchLine(bench: BenchCase, seed: number, measured: Measurement, facts: RunFacts): BenchLine {
  const { floorName, floorReason, ...rest } = measured;
  const values: Readonly<Record<string, number>> = { ...measured.metric, seconds: measured.seconds };
  const targets = Object.entries(bench.targets);
  const met = measured.error === undefined && targets.every(([name, target]) => meets(values[name], target));
  return {
    app: facts.app,
    ...(facts.quick && { quick: facts.quick }),
    suite: bench.suite,
    case: bench.id,
    seed,
    ...rest,
    ...(floorName !== undefined && { floor_name: floorName }),
    ...(floorReason !== undefined && { floor_reason: floorReason }),
    target: bench.targets,
    ...(targets.length > 0 && { met }),
    versions: facts.versions,
  };
}

/** What is written of a trial that could not be run. */
export function failedMeasurement(error: string): Measurement {
  return {
    item: "",
    attack: "",
    given: [],
    observation: "float32",
    metric: {},
    floorReason: "the trial could not be run",
    certificate: "none",
    verdict: "budget spent",
    reason: error,
    residual: Number.NaN,
    seconds: Number.NaN,
    evaluations: 0,
    error,
  };
}

/** Median, extremes and interval of a case over its items. Failed items count as missed and have no metrics. */
export function benchSummary(bench: BenchCase, lines: readonly BenchLine[], facts: RunFacts): BenchSummary {
  const done = lines.filter((line) => line.error === undefined);
  const names = [...new Set(done.flatMap((line) => Object.keys(line.metric))), "seconds"];
  const spreads = names.map((name) => {
    const values = done.map((line) => (name === "seconds" ? line.seconds : (line.metric[name] ?? Number.NaN)));
    return [name, spreadOf(values, `${bench.id} ${name}`)] as const;
  });
  const seeds = [...new Set(lines.map((line) => line.seed))];
  const seedsMet = seeds.filter((seed) => lines.every((line) => line.seed !== seed || line.met === true)).length;
  return {
    app: facts.app,
    ...(facts.quick && { quick: facts.quick }),
    suite: bench.suite,
    case: bench.id,
    summary: true,
    observation: [...new Set(done.map((line) => line.observation))].join(", "),
    items: lines.length,
    seeds: seeds.length,
    metric: Object.fromEntries(spreads),
    target: bench.targets,
    ...(Object.keys(bench.targets).length > 0 && {
      met: lines.filter((line) => line.met === true).length / Math.max(1, lines.length),
      seeds_met: seedsMet,
      ...(bench.judged === "median"
        ? { judged: bench.judged, case_met: medianMeets(bench, lines) }
        : { case_met: seeds.length > 0 && seedsMet >= (bench.share ?? 1) * seeds.length }),
    }),
    versions: facts.versions,
  };
}

/** Whether the median over all items meets every target. A failed item is worse than any other. */
function medianMeets({ targets }: BenchCase, lines: readonly BenchLine[]): boolean {
  return Object.entries(targets).every(([name, target]) => {
    const worst = target.startsWith(">=") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    const values = lines.map((line) => {
      const value = name === "seconds" ? line.seconds : (line.metric[name] ?? worst);
      return line.error === undefined && !Number.isNaN(value) ? value : worst;
    });
    return meets(medianOf(values), target);
  });
}

/** NaN where there is no value. */
function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

function spreadOf(values: readonly number[], stream: string): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const finite = values.length > 0 && values.every((value) => Number.isFinite(value));
  return {
    median: medianOf(values),
    minimum: sorted[0] ?? Number.NaN,
    maximum: sorted.at(-1) ?? Number.NaN,
    interval: finite ? bootstrap(values, { rng: rng("benchmark interval").split(stream) }).bounds : null,
  };
}
