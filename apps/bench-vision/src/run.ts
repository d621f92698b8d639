import { availableParallelism } from "node:os";
import { audit, defaultKnowledge, gradient, ReconError, type Scenario } from "@recon/core";
import { type Executor, onnxruntime } from "@recon/engine";
import { photographs } from "@recon/vision";
import { type BenchLine, type BenchSummary, benchLine, benchSummary, failedLine } from "./bench-line.ts";
import { type BenchCase, cases } from "./cases.ts";

export interface RunOptions {
  /** Ids of cases, with their baselines; all of them when there are none. */
  readonly cases: readonly string[];
  readonly seeds: number;
  /** A tenth of the evaluations: a check that everything works, not a measurement. */
  readonly quick: boolean;
  readonly threads?: number;
  readonly version: string;
}

/** The cases by these ids; an id brings its baselines along. @throws RangeError naming what there is. */
export function selectCases(ids: readonly string[]): readonly BenchCase[] {
  const matches = (bench: BenchCase, id: string): boolean => bench.id === id || bench.id.startsWith(`${id}/`);
  const unknown = ids.filter((id) => !cases.some((bench) => matches(bench, id)));
  if (unknown.length > 0) {
    throw new RangeError(
      `Unknown case ${unknown.join(", ")}. There are: ${cases.map((bench) => bench.id).join(", ")}.`,
    );
  }
  return ids.length === 0 ? cases : cases.filter((bench) => ids.some((id) => matches(bench, id)));
}

/** Runs the cases one after the other and yields lines as they are ready: every item, then the summary of its case. */
export async function* run(options: RunOptions, signal: AbortSignal): AsyncGenerator<BenchLine | BenchSummary, void> {
  const selected = selectCases(options.cases);
  const threads = options.threads ?? availableParallelism();
  const executor = onnxruntime({ threads });
  const versions = { recon: options.version, engine: executor.name, threads, node: process.versions.node };
  try {
    for (const bench of selected) {
      const lines: BenchLine[] = [];
      for (let seed = 1; seed <= options.seeds && !signal.aborted; seed++) {
        for await (const line of runSeed(bench, seed, options, { executor, signal, versions })) {
          lines.push(line);
          yield line;
        }
      }
      yield benchSummary(bench, lines);
    }
  } finally {
    await executor.dispose();
  }
}

interface Surroundings {
  readonly executor: Executor;
  readonly signal: AbortSignal;
  readonly versions: BenchLine["versions"];
}

async function* runSeed(
  bench: BenchCase,
  seed: number,
  { quick }: RunOptions,
  { executor, signal, versions }: Surroundings,
): AsyncGenerator<BenchLine, void> {
  const evaluations = Math.max(2, Math.round(bench.evaluations * (quick ? 0.1 : 1)));
  try {
    for await (const event of audit([scenarioOf(bench, evaluations)], { executor, seed, signal })) {
      if (event.kind === "result") yield benchLine(bench, event.record, versions);
      if (event.kind === "failure") yield failedLine(bench, seed, event.record.error.message, versions);
    }
  } catch (error) {
    if (!(error instanceof ReconError)) throw error;
    yield failedLine(bench, seed, error.message, versions);
  }
}

function scenarioOf(bench: BenchCase, evaluations: number): Scenario {
  return {
    id: bench.id.split("/")[0]!,
    title: bench.id,
    summary: "",
    model: bench.model(),
    source: photographs({ size: 32 }),
    batch: 1,
    operator: gradient(),
    defences: bench.defences,
    observationPrecision: "float32",
    known: defaultKnowledge,
    attacks: [bench.attack()],
    trials: 1,
    budget: { evaluations },
    onError: "skip",
    audit: {},
  };
}
