import { isAbsolute, join } from "node:path";
import { writeReport } from "@recon/report";
import type { Command } from "commander";
import { exitCodes } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";

/** `recon report RUN`: writes the page of a run again, finished or not. */
export function reportCommand(program: Command, terminal: Terminal, done: (code: number) => void): void {
  program
    .command("report")
    .description("write the report of a run folder again")
    .argument("<run>", "the run folder")
    .option("--debug", "show the stack trace of an error")
    .action(async (run: string) => {
      const report = await writeReport(isAbsolute(run) ? run : join(terminal.cwd, run));
      terminal.out(report);
      done(exitCodes.ok);
    });
}
