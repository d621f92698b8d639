import { isAbsolute, join } from "node:path";
import type { Command } from "commander";
import { type ReadAuditFile, readAuditFile } from "../audit-file/read-audit-file.ts";
import type { PlannedScenario } from "../audit-file/scenario-of.ts";
import { exitCodes } from "../exit-codes.ts";
import { otherPlugins } from "../plugins/other-plugins.ts";
import { type RunPlan, runFiles } from "../run-files.ts";
import { scenariosOfFiles } from "../scenarios-of-files.ts";
import type { Terminal } from "../terminal.ts";
import { type AuditCommandOptions, withAuditOptions } from "./audit-options.ts";

type AuditOptions = AuditCommandOptions & { readonly check?: boolean; readonly use: readonly string[] };

/** `recon audit FILE.yaml [MORE.yaml...]`: runs the audits that files describe into one run folder. */
export function auditCommand(program: Command, terminal: Terminal, done: (code: number) => void): void {
  const command = program
    .command("audit")
    .description("run the audits that YAML files describe, and write a report")
    .argument("<files...>", "audit files; several become the scenarios of one run");
  command
    .option("--check", "only check the files; run nothing")
    .option("--use <packages>", "packages to load beside those that the files use, separated by commas", wordList, []);
  withAuditOptions(command).action(async (names: readonly string[], options: AuditOptions) => {
    const files = names.map((name) => readAuditFile(isAbsolute(name) ? name : join(terminal.cwd, name), terminal.cwd));
    const others = await otherPlugins(options.use, terminal.cwd);
    const scenarios = await scenariosOfFiles(files, terminal.cwd, others);
    if (options.check) {
      for (const {
        scenario: { id, model, source },
      } of scenarios)
        terminal.out(`${id}: nothing wrong (${model.name} on ${source.name})`);
      return done(exitCodes.ok);
    }
    done((await runFiles(planOf(files, scenarios), options, terminal)).exitCode);
  });
}

/** Packages named in one or several options. */
function wordList(value: string, before: readonly string[]): readonly string[] {
  return [
    ...before,
    ...value
      .split(",")
      .map((word) => word.trim())
      .filter(Boolean),
  ];
}

function planOf(files: readonly ReadAuditFile[], scenarios: readonly PlannedScenario[]): RunPlan {
  const [only, another] = files;
  if (only !== undefined && another === undefined) {
    const { title = `Audit of ${only.name}`, out } = only.audit;
    return { scenarios, title, out, name: scenarios[0]!.scenario.id };
  }
  return { scenarios, title: `Audit of ${files.length} scenarios`, name: `${files.length}-scenarios` };
}
