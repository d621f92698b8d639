import { availableParallelism } from "node:os";
import { ReconError } from "@recon/core";
import { type Executor, onnxruntime } from "@recon/engine";
import type { BenchCase, TrialContext } from "./bench-case.ts";
import {
  type BenchLine,
  type BenchSummary,
  benchLine,
  benchSummary,
  failedMeasurement,
  type RunFacts,
} from "./bench-line.ts";

/** What is run, and how often. */
export interface RunOptions {
  readonly app: string;
  readonly version: string;
  readonly cases: readonly BenchCase[];
  /** In place of each case's own number of seeds. */
  readonly seeds?: number;
  readonly quick: boolean;
  readonly threads?: number;
}

/**
 * The cases of a suite or by ids, with the baselines of each id; all of them when neither is given.
 *
 * @throws ReconError `bad-call` naming what there is.
 */
export function selectCases(
  cases: readonly BenchCase[],
  { suite, ids = [] }: { readonly suite?: string | undefined; readonly ids?: readonly string[] },
): readonly BenchCase[] {
  const list = (names: readonly string[]): string => [...new Set(names)].join(", ");
  const matches = (bench: BenchCase, id: string): boolean => bench.id === id || bench.id.startsWith(`${id}/`);
  if (suite !== undefined && !cases.some((bench) => bench.suite === suite)) {
    throw new ReconError("bad-call", `Unknown suite ${suite}. There are: ${list(cases.map((bench) => bench.suite))}.`);
  }
  const unknown = ids.filter((id) => !cases.some((bench) => matches(bench, id)));
  if (unknown.length > 0) {
    throw new ReconError(
      "bad-call",
      `Unknown case ${list(unknown)}. There are: ${list(cases.map((bench) => bench.id))}.`,
    );
  }
  return cases.filter(
    (bench) =>
      (suite === undefined || bench.suite === suite) && (ids.length === 0 || ids.some((id) => matches(bench, id))),
  );
}

/** How many seeds of a case are run. */
export function seedsOf(bench: BenchCase, { seeds, quick }: Pick<RunOptions, "seeds" | "quick">): number {
  return seeds ?? (quick ? Math.min(2, bench.seeds ?? 2) : (bench.seeds ?? 8));
}

/** Runs cases one after the other and yields lines as they are ready: every item, then the summary of its case. */
export async function* run(options: RunOptions, signal: AbortSignal): AsyncGenerator<BenchLine | BenchSummary, void> {
  const threads = options.threads ?? availableParallelism();
  const executor: Executor = onnxruntime({ threads, idlePrograms: 16 });
  const versions = { recon: options.version, engine: executor.name, threads, node: process.versions.node };
  const facts: RunFacts = { app: options.app, ...(options.quick && { quick: true }), versions };
  const context: TrialContext = { executor, signal, quick: options.quick };
  try {
    for (const bench of options.cases) {
      const seeds = seedsOf(bench, options);
      const lines: BenchLine[] = [];
      for (let seed = 1; seed <= seeds && !signal.aborted; seed++) {
        for await (const line of runSeed(bench, seed, context, facts)) {
          lines.push(line);
          yield line;
        }
      }
      // A summary says that its case ran to the end.
      if (lines.length > 0 && !signal.aborted) yield benchSummary(bench, lines, facts);
    }
  } finally {
    await executor.dispose();
  }
}

async function* runSeed(
  bench: BenchCase,
  seed: number,
  context: TrialContext,
  facts: RunFacts,
): AsyncGenerator<BenchLine, void> {
  try {
    for await (const measured of bench.trial(seed, context)) yield benchLine(bench, seed, measured, facts);
  } catch (error) {
    if (context.signal.aborted) return;
    // What explains itself is a missed line; anything else is a defect of ours and must not look like a measurement.
    if (!(error instanceof ReconError)) throw error;
    yield benchLine(bench, seed, failedMeasurement(error.message), facts);
  }
}
