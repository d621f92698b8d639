import { Command, InvalidArgumentError } from "commander";
import type { BenchCase } from "./bench-case.ts";
import type { BenchLine } from "./bench-line.ts";
import { type RunOptions, run, selectCases } from "./run.ts";
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
    .option("--strict", "exit with 1 when a target is missed", false)
    .version(app.version)
    .addHelpText("after", `\nExamples:\n${app.examples.map((example) => `  ${command} ${example}`).join("\n")}`)
    .parse(argv)
    .opts<Flags>();
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  try {
    const selected = selectCases(app.cases, { suite: flags.suite, ids: flags.case });
    const { seeds, threads, quick } = flags;
    const options: RunOptions = {
      app: app.app,
      version: app.version,
      cases: selected,
      quick,
      ...(seeds && { seeds }),
      ...(threads && { threads }),
    };
    process.exitCode = await print(options, flags, stop.signal);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

/** Prints lines as they come; a row of the table is a seed's worth of lines. */
async function print(options: RunOptions, { json, strict }: Flags, signal: AbortSignal): Promise<number> {
  if (!json) console.log(tableHeading());
  let missed = false;
  let failed = false;
  let ofSeed: BenchLine[] = [];
  const flush = (): void => {
    if (!json && ofSeed.length > 0) console.log(seedRow(ofSeed));
    ofSeed = [];
  };
  for await (const line of run(options, signal)) {
    if (json) console.log(JSON.stringify(line));
    if ("summary" in line) {
      flush();
      if (!json) console.log(summaryRow(line));
      missed ||= line.case_met === false;
      continue;
    }
    if (ofSeed[0] !== undefined && ofSeed[0].seed !== line.seed) flush();
    ofSeed.push(line);
    failed ||= line.error !== undefined;
  }
  flush();
  if (signal.aborted) return 130;
  return failed || (strict && missed) ? 1 : 0;
}
