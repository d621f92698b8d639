import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { cases } from "./cases.ts";
import { run } from "./run.ts";
import { tableHeading, tableLine } from "./table.ts";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("A whole number of at least 1 is needed.");
  return value;
}

interface Flags {
  readonly case: readonly string[];
  readonly json: boolean;
  readonly quick: boolean;
  readonly strict: boolean;
  readonly seeds?: number;
  readonly threads?: number;
}

const program = new Command("recon-bench-vision")
  .description("Attacks on image models under one protocol: real photographs, drawn by seed, each with its floor")
  .option("--case <id...>", `cases to run, with their baselines: ${cases.map((bench) => bench.id).join(", ")}`, [])
  .option("--json", "one JSON object a line instead of a table", false)
  .option("--quick", "two seeds and a tenth of the evaluations, to see that it works", false)
  .option("--seeds <n>", "how many seeds (default: 8, with --quick 2)", count)
  .option("--threads <n>", "threads of the runtime (default: the cores there are)", count)
  .option("--strict", "exit with 1 when a target is missed", false)
  .version(manifest.version)
  .addHelpText(
    "after",
    "\nExamples:\n  recon-bench-vision --case lenet-b1 --seeds 3\n  recon-bench-vision --quick --json",
  )
  .parse();

const { case: ids, json, strict, quick, seeds = quick ? 2 : 8, threads } = program.opts<Flags>();
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
try {
  if (!json) console.log(tableHeading());
  let missed = 0;
  let failed = 0;
  for await (const line of run(
    { cases: ids, quick, seeds, version: manifest.version, ...(threads && { threads }) },
    stop.signal,
  )) {
    console.log(json ? JSON.stringify(line) : tableLine(line));
    if (!("summary" in line) && line.met === false) missed++;
    if (!("summary" in line) && line.error !== undefined) failed++;
  }
  process.exitCode = stop.signal.aborted ? 130 : failed > 0 || (strict && missed > 0) ? 1 : 0;
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
