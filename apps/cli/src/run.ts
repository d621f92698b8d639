import { Command, CommanderError } from "commander";
import { auditCommand } from "./commands/audit.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { lawsCommand } from "./commands/laws.ts";
import { listCommand } from "./commands/list.ts";
import { reportCommand } from "./commands/report.ts";
import { exitCodes } from "./exit-codes.ts";
import { explainError } from "./explain-error.ts";
import type { Terminal } from "./terminal.ts";
import { ownVersion } from "./versions.ts";

/** A subcommand: adds itself to the program and calls `done` with its exit code. */
export type AddCommand = (program: Command, terminal: Terminal, done: (code: number) => void) => void;

const commands: readonly AddCommand[] = [
  auditCommand,
  demoCommand,
  listCommand,
  lawsCommand,
  reportCommand,
  doctorCommand,
];

const examples = `
Examples:
  recon demo                                 audit real images and sentences, then open the report
  recon audit examples/vision-lenet.yaml     run one audit
  recon audit a.yaml b.yaml --out runs/both  two scenarios in one report
  recon audit a.yaml --json | tail -1        the summary, for a machine
  recon list --use vision                    what can be named in an audit file
  recon laws recon-prior-edges               try the laws that the pieces of a package must obey
  recon report runs/both                     write the report of a run again
  recon doctor                               what works on this machine

In a project that has @recon/cli, call it as: npx --no-install recon ...

Exit codes:
  0    done
  1    something failed unexpectedly
  2    the arguments or files given are wrong
  3    the audit ran, but some trials failed; or a law is broken
  130  interrupted (Ctrl-C); what was done is kept and reported
`;

/** Runs the command line on arguments without the program's name; returns the exit code and never throws. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = exitCodes.ok;
  const program = new Command("recon")
    .description("Measures how much of the data behind a model can be reconstructed from its gradient.")
    .version(ownVersion(), "-V, --version")
    .option("--debug", "show the stack trace of an error")
    .addHelpText("after", examples)
    .showHelpAfterError("(recon --help shows what there is)")
    .helpCommand(false);
  for (const add of commands) {
    add(program, terminal, (result) => {
      code = result;
    });
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.say(text.trimEnd()),
    });
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    // Commander has written its own message by now; help and version are not errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.userError;
    const { lines, exitCode } = explainError(error, args.includes("--debug"));
    for (const line of lines) terminal.say(line);
    return terminal.signal.aborted ? exitCodes.interrupted : exitCode;
  }
}
