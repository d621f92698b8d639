import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError } from "commander";

/** What `recon audit` and `recon demo` take. */
export interface AuditCommandOptions {
  readonly out?: string;
  readonly force?: boolean;
  readonly seed: number;
  readonly json?: boolean;
  readonly device: string;
  readonly threads: number;
}

/** Adds the options that every command which runs audits has. */
export function withAuditOptions(command: Command): Command {
  return command
    .option("--out <folder>", "the run folder (default: a new one under runs/)")
    .option("--force", "replace the run that is in the folder")
    .option("--seed <number>", "equal seeds give equal results", wholeNumber(0), 0)
    .option("--json", "one JSON object a result on standard output, a summary as the last line")
    .option("--device <name>", "where programs run; recon doctor lists what works here", "cpu")
    .option("--threads <number>", "threads that a program runs on", wholeNumber(1), availableParallelism())
    .option("--debug", "show the stack trace of an error");
}

function wholeNumber(least: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (Number.isSafeInteger(number) && number >= least && value.trim() !== "") return number;
    throw new InvalidArgumentError(`Allowed: a whole number of at least ${least}.`);
  };
}
