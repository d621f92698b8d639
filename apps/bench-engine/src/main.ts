import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { cases } from "./cases.ts";
import { run } from "./run.ts";
import { runMemory } from "./run-memory.ts";

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
  readonly memory: boolean;
  readonly strict: boolean;
  readonly seeds: number;
  readonly threads?: number;
}

const program = new Command("recon-bench-engine")
  .description("Times one gradient-matching evaluation of each case and compares it with a 1024³ matrix product")
  .option("--case <name...>", `cases to run: ${cases.map((c) => c.name).join(", ")}`, [])
  .option("--json", "one JSON object a line instead of a table", false)
  .option("--quick", "few repetitions, to see that it works", false)
  .option("--memory", "the resident set of every case in a process of its own instead of its times", false)
  .option("--seeds <n>", "how many draws of the weights", count, 1)
  .option("--threads <n>", "threads of the runtime (default: the cores there are)", count)
  .option("--strict", "exit with 1 when a target is missed", false)
  .version(manifest.version)
  .parse();

const flags = program.opts<Flags>();
try {
  const { case: names, strict, memory, ...rest } = flags;
  const options = { ...rest, cases: names, version: manifest.version };
  const { failed, missed } = await (memory ? runMemory : run)(options, (line) => console.log(line));
  process.exitCode = failed > 0 || (strict && missed > 0) ? 1 : 0;
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
