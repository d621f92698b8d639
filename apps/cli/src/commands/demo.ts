import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { readAuditFile } from "../audit-file/read-audit-file.ts";
import { runFiles } from "../run-files.ts";
import { scenariosOfFiles } from "../scenarios-of-files.ts";
import type { Terminal } from "../terminal.ts";
import { type AuditCommandOptions, withAuditOptions } from "./audit-options.ts";

/** The audits of the demonstration, in the order of the report; they lie in this package beside the sources. */
const names: readonly string[] = ["demo-mlp.yaml", "demo-batch.yaml", "demo-lenet.yaml", "demo-noise.yaml"];

/** `recon demo`: audits real images in four scenarios and says where the report is. */
export function demoCommand(program: Command, terminal: Terminal, done: (code: number) => void): void {
  const command = program
    .command("demo")
    .description(
      "audit real images in four scenarios: a closed form, a whole batch, a layer-by-layer recursion, and noise as a defence",
    );
  withAuditOptions(command).action(async (options: AuditCommandOptions) => {
    const files = names.map((name) =>
      readAuditFile(fileURLToPath(new URL(`../../demo/${name}`, import.meta.url)), terminal.cwd),
    );
    const scenarios = await scenariosOfFiles(files, terminal.cwd);
    const { exitCode } = await runFiles(
      { scenarios, title: "What four gradients reveal", name: "demo" },
      options,
      terminal,
    );
    terminal.say("Open the report in a browser; it needs no network.");
    done(exitCode);
  });
}
