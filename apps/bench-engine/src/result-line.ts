import type { Case } from "./cases.ts";
import type { Measurement } from "./measure.ts";
import { uniformStream } from "./random.ts";
import { median, medianInterval } from "./statistics.ts";

/** Where and with what a benchmark ran. */
export interface Versions {
  readonly recon: string;
  readonly engine: string;
  readonly threads: number;
  readonly node: string;
}

const rounded = (value: number): number => Number(value.toPrecision(5));

const metricsOf = (m: Measurement): Readonly<Record<string, number>> => ({
  ms: rounded(m.ms),
  matmul_ratio: rounded(m.matmulRatio),
  gflop: rounded(m.gflop),
  peak_share: rounded(m.peakShare),
  nodes_before: m.nodesBefore,
  nodes_after: m.nodesAfter,
  runs: m.steps.length,
});

/** What every line of a case has. */
const heading = (benchmark: Case): Readonly<Record<string, unknown>> => ({
  app: "engine",
  suite: "core",
  case: benchmark.name,
  attack: "none",
  given: [],
  observation: "float32",
});

/** The line of one case on one seed. */
export function itemLine(
  benchmark: Case,
  seed: number,
  measurement: Measurement,
  versions: Versions,
): Readonly<Record<string, unknown>> {
  return {
    ...heading(benchmark),
    seed,
    item: String(seed),
    metric: metricsOf(measurement),
    floor: {},
    floor_reason: "a time has no floor",
    seconds: rounded(measurement.steps.reduce((a, b) => a + b, 0) / 1000 + measurement.compileSeconds),
    evaluations: measurement.steps.length,
    target: { ms: `<=${benchmark.target}` },
    met: measurement.ms <= benchmark.target,
    versions,
  };
}

/** The line of a case that could not be measured. */
export function failureLine(
  benchmark: Case,
  seed: number,
  error: unknown,
  versions: Versions,
): Readonly<Record<string, unknown>> {
  const message = error instanceof Error ? error.message : String(error);
  return {
    ...heading(benchmark),
    seed,
    item: String(seed),
    metric: {},
    target: { ms: `<=${benchmark.target}` },
    met: false,
    error: message,
    versions,
  };
}

/** The last line of a case: median, minimum and 95 % interval over all timed steps, and the share of seeds that met the target. */
export function summaryLine(
  benchmark: Case,
  measurements: readonly Measurement[],
  seeds: number,
  versions: Versions,
): Readonly<Record<string, unknown>> {
  const steps = measurements.flatMap((m) => m.steps);
  const middle = (value: (m: Measurement) => number): number => rounded(median(measurements.map(value)));
  const interval = steps.length === 0 ? [] : medianInterval(steps, uniformStream(1)).map(rounded);
  return {
    ...heading(benchmark),
    summary: true,
    items: seeds,
    median: {
      ms: middle((m) => m.ms),
      matmul_ratio: middle((m) => m.matmulRatio),
      peak_share: middle((m) => m.peakShare),
    },
    minimum: { ms: steps.length === 0 ? null : rounded(steps.reduce((a, b) => Math.min(a, b))) },
    interval: { ms: interval },
    reference: { ms: benchmark.reference },
    met: measurements.filter((m) => m.ms <= benchmark.target).length / seeds,
    versions,
  };
}
