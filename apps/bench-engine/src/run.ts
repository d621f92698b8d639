import { availableParallelism } from "node:os";
import { onnxruntime } from "@recon/engine";
import { type Case, cases } from "./cases.ts";
import { type Measurement, measure } from "./measure.ts";
import { failureLine, itemLine, summaryLine, type Versions } from "./result-line.ts";
import { tableHeading, tableLine } from "./table.ts";

/** What to run and how. */
export interface RunOptions {
  /** Names of cases; all of them when there are none. */
  readonly cases: readonly string[];
  readonly json: boolean;
  /** Few repetitions: a check that everything works, not a measurement. */
  readonly quick: boolean;
  readonly seeds: number;
  readonly threads?: number;
  readonly version: string;
}

/** What came of it, for the exit code. */
export interface RunOutcome {
  readonly failed: number;
  readonly missed: number;
}

/** The cases by these names. @throws RangeError naming what there is when a name is unknown. */
export function selectCases(names: readonly string[]): readonly Case[] {
  const unknown = names.filter((name) => !cases.some((c) => c.name === name));
  if (unknown.length > 0) {
    throw new RangeError(`Unknown case ${unknown.join(", ")}. There are: ${cases.map((c) => c.name).join(", ")}.`);
  }
  return names.length === 0 ? cases : cases.filter((c) => names.includes(c.name));
}

/** Runs the cases one after the other and writes lines as they are ready. */
export async function run(options: RunOptions, write: (line: string) => void): Promise<RunOutcome> {
  const selected = selectCases(options.cases);
  const threads = options.threads ?? availableParallelism();
  const executor = onnxruntime({ threads, idlePrograms: 0 });
  const effort = options.quick ? { rounds: 3, roundMs: 20 } : { rounds: 25, roundMs: 150 };
  const versions: Versions = {
    recon: options.version,
    engine: executor.name,
    threads,
    node: process.versions.node,
  };
  let failed = 0;
  let missed = 0;
  if (!options.json) write(tableHeading());
  try {
    for (const benchmark of selected) {
      const measurements: Measurement[] = [];
      for (let seed = 1; seed <= options.seeds; seed++) {
        try {
          const measurement = await measure(executor, benchmark, seed, effort);
          measurements.push(measurement);
          if (measurement.ms > benchmark.target) missed++;
          const line = itemLine(benchmark, seed, measurement, versions);
          write(options.json ? JSON.stringify(line) : tableLine(benchmark, measurement));
        } catch (error) {
          failed++;
          const line = failureLine(benchmark, seed, error, versions);
          write(options.json ? JSON.stringify(line) : `${benchmark.name}  failed: ${line.error}`);
        }
      }
      if (options.json) write(JSON.stringify(summaryLine(benchmark, measurements, options.seeds, versions)));
    }
  } finally {
    await executor.dispose();
  }
  return { failed, missed };
}
