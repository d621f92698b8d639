import { appendFileSync, writeFileSync } from "node:fs";
import { ReconError } from "@recon/core";
import { Command, InvalidArgumentError } from "commander";
import type { BenchCase } from "./bench-case.ts";
import type { BenchLine, BenchSummary } from "./bench-line.ts";
import { type RunOptions, run, seedsOf, selectCases } from "./run.ts";
import { type FinishedCase, readFinishedCases, takeFinished } from "./saved-lines.ts";
import { seedRow, summaryRow, tableHeading } from "./table.ts";

/** A benchmark app: its name, its cases, and how it is called. */
export interface BenchApp {
  /** `core` for recon-bench-core. */
  readonly app: string;
  readonly version: string;
  readonly description: string;
  readonly cases: readonly BenchCase[];
  /** Example calls for `--help`. */
  readonly examples: readonly string[];
}

interface Flags {
  readonly suite?: string;
  readonly case: readonly string[];
  readonly json: boolean;
  readonly quick: boolean;
  readonly strict: boolean;
  readonly seeds?: number;
  readonly threads?: number;
  readonly save?: string;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("A whole number of at least 1 is needed.");
  return value;
}

/**
 * The command line of a benchmark app.
 *
 * Exit code: 0 when every case ran, whatever was met; 1 when one failed or, with `--strict`, missed its target; 2 for a call that cannot be understood;
 * 130 when interrupted, with the lines up to there.
 */
export async function benchCommand(app: BenchApp, argv: readonly string[] = process.argv): Promise<void> {
  const command = `recon-bench-${app.app}`;
  const suites = [...new Set(app.cases.map((bench) => bench.suite))];
  const ids = [...new Set(app.cases.map((bench) => bench.id))];
  const flags = new Command(command)
    .description(app.description)
    .option("--suite <name>", `cases of one suite: ${suites.join(", ")}`)
    .option("--case <id...>", `cases to run, with their baselines: ${ids.join(", ")}`, [])
    .option("--json", "one JSON object a line instead of a table", false)
    .option("--quick", "two seeds and a tenth of the evaluations, to see that it works", false)
    .option("--seeds <n>", "how many seeds (default: what each case says, with --quick 2)", count)
    .option("--threads <n>", "threads of the runtime (default: the cores there are)", count)
    .option("--save <file>", "write the JSON lines to a file too; cases that are finished in it are not run again")
    .option("--strict", "exit with 1 when a target is missed", false)
    .version(app.version)
    .addHelpText("after", `\nExamples:\n${app.examples.map((example) => `  ${command} ${example}`).join("\n")}`)
    .parse(argv)
    .opts<Flags>();
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  try {
    const selected = selectCases(app.cases, { suite: flags.suite, ids: flags.case });
    const { seeds, threads, quick, save } = flags;
    const options: RunOptions = {
      app: app.app,
      version: app.version,
      cases: selected,
      quick,
      ...(seeds && { seeds }),
      ...(threads && { threads }),
    };
    const saved = save === undefined ? [] : readFinishedCases(save);
    process.exitCode = await print(options, saved, flags, stop.signal);
  } catch (error) {
    // Anything else is a defect and keeps its stack.
    if (!(error instanceof ReconError && error.code === "bad-call")) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

/** Prints what is saved, then runs the other cases and prints lines as they come; a row of the table is a seed's worth of lines. */
async function print(
  options: RunOptions,
  saved: readonly FinishedCase[],
  { json, strict, save }: Flags,
  signal: AbortSignal,
): Promise<number> {
  const { before, cases } = withoutFinished(options, saved);
  if (save !== undefined) writeFileSync(save, saved.flatMap(linesOf).map(asText).join(""));
  if (!json) console.log(tableHeading());
  let missed = false;
  let failed = false;
  let ofSeed: BenchLine[] = [];
  const flush = (): void => {
    if (!json && ofSeed.length > 0) console.log(seedRow(ofSeed));
    ofSeed = [];
  };
  const show = (line: BenchLine | BenchSummary): void => {
    if (json) process.stdout.write(asText(line));
    if ("summary" in line) {
      flush();
      if (!json) console.log(summaryRow(line));
      missed ||= line.case_met === false;
      return;
    }
    if (ofSeed[0] !== undefined && ofSeed[0].seed !== line.seed) flush();
    ofSeed.push(line);
    failed ||= line.error !== undefined;
  };
  for (const line of before.flatMap(linesOf)) show(line);
  for await (const line of run({ ...options, cases }, signal)) {
    if (save !== undefined) appendFileSync(save, asText(line));
    show(line);
  }
  flush();
  if (signal.aborted) return 130;
  return failed || (strict && missed) ? 1 : 0;
}

/** Which of the cases are finished, and which are left. */
function withoutFinished(
  options: RunOptions,
  saved: readonly FinishedCase[],
): { readonly before: readonly FinishedCase[]; readonly cases: readonly BenchCase[] } {
  const { version, quick } = options;
  const left = [...saved];
  const before: FinishedCase[] = [];
  const cases = options.cases.filter((bench) => {
    const finished = takeFinished(left, bench, { seeds: seedsOf(bench, options), version, quick });
    if (finished !== undefined) before.push(finished);
    return finished === undefined;
  });
  return { before, cases };
}

function linesOf({ lines, summary }: FinishedCase): readonly (BenchLine | BenchSummary)[] {
  return [...lines, summary];
}

function asText(line: BenchLine | BenchSummary): string {
  return `${JSON.stringify(line)}\n`;
}
