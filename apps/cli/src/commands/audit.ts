import { isAbsolute, join } from "node:path";
import type { Command } from "commander";
import { type ReadAuditFile, readAuditFile } from "../audit-file/read-audit-file.ts";
import { runFiles } from "../run-files.ts";
import type { Terminal } from "../terminal.ts";
import { type AuditCommandOptions, withAuditOptions } from "./audit-options.ts";

/** `recon audit FILE.yaml [MORE.yaml...]`: runs the audits that files describe into one run folder. */
export function auditCommand(program: Command, terminal: Terminal, done: (code: number) => void): void {
  const command = program
    .command("audit")
    .description("run the audits that YAML files describe, and write a report")
    .argument("<files...>", "audit files; several become the scenarios of one run");
  withAuditOptions(command).action(async (names: readonly string[], options: AuditCommandOptions) => {
    const files = names.map((name) => readAuditFile(isAbsolute(name) ? name : join(terminal.cwd, name), terminal.cwd));
    const title = files.length === 1 ? titleOf(files[0]!) : `Audit of ${files.length} scenarios`;
    done((await runFiles(files, title, options, terminal)).exitCode);
  });
}

function titleOf(file: ReadAuditFile): string {
  return file.audit.title ?? `Audit of ${file.name}`;
}
