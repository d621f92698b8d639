import { existsSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { createRunFolder, type RunFolder } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { writeReport } from "@recon/report";
import type { PlannedScenario } from "./audit-file/scenario-of.ts";
import { checkDevice } from "./check-device.ts";
import type { AuditCommandOptions } from "./commands/audit-options.ts";
import { exitCodes } from "./exit-codes.ts";
import { plannedEvents } from "./planned-events.ts";
import { summaryLine } from "./progress/json-lines.ts";
import { summarise, summaryTable } from "./progress/summary.ts";
import { type RecordedRun, recordEvents } from "./record-events.ts";
import type { Terminal } from "./terminal.ts";
import { versionsOf } from "./versions.ts";

/** How a run ended and where it is. */
export interface FinishedRun {
  readonly exitCode: number;
  readonly folder: string;
  readonly report: string;
}

/** What is to be run, and how the run is called. */
export interface RunPlan {
  readonly scenarios: readonly PlannedScenario[];
  /** Heading of the report. */
  readonly title: string;
  /** The run folder that a file asks for; `--out` goes before it. */
  readonly out?: string | undefined;
  /** What a new folder under runs/ is named after, behind the time. */
  readonly name: string;
}

/** Runs scenarios into a run folder, writes the report, and says what came of it. */
export async function runFiles(
  { scenarios, title, ...place }: RunPlan,
  options: AuditCommandOptions,
  terminal: Terminal,
): Promise<FinishedRun> {
  const started = performance.now();
  await checkDevice(options.device);
  const versions = versionsOf(options.device, options.threads);
  const path = folderPath(options.out ?? place.out, place.name, terminal.cwd);
  const folder = createRunFolder(
    path,
    {
      format: "recon-run/1",
      title,
      created: new Date().toISOString(),
      status: "running",
      seed: options.seed,
      versions,
      scenarios: [],
    },
    { force: options.force === true },
  );
  const shown = (file: string): string =>
    relative(terminal.cwd, file).startsWith("..") ? file : relative(terminal.cwd, file);
  const recorded = await runInto(folder, scenarios, options, terminal, versions).catch((error: unknown) => {
    terminal.say(`The run ended early; what was done is in ${shown(path)}.`);
    throw error;
  });
  const report = await writeReport(path);
  const cases = summarise(recorded.scenarios, recorded.results, recorded.failures);
  for (const line of ["", ...summaryTable(cases, recorded.scenarios), ""]) terminal.say(line);
  const seconds = (performance.now() - started) / 1000;
  if (recorded.status === "interrupted") terminal.say("Interrupted. What was done is kept.");
  terminal.say(`${recorded.results.length} results, ${recorded.failures.length} failures in ${seconds.toFixed(1)} s`);
  terminal.say(`Run folder: ${shown(path)}`);
  terminal.say(`Report:     ${shown(report)}`);
  if (options.json) {
    const { status } = recorded;
    const counts = { results: recorded.results.length, failures: recorded.failures.length };
    const places = { run: shown(path), report: shown(report) };
    terminal.out(summaryLine({ status, ...places, seed: options.seed, seconds, ...counts, cases, versions }));
  }
  return { exitCode: exitCodeOf(recorded), folder: path, report };
}

async function runInto(
  folder: RunFolder,
  scenarios: readonly PlannedScenario[],
  options: AuditCommandOptions,
  terminal: Terminal,
  versions: Readonly<Record<string, string>>,
): Promise<RecordedRun> {
  const executor = onnxruntime({ device: options.device, threads: options.threads, idlePrograms: 16 });
  try {
    const events = plannedEvents(scenarios, { executor, seed: options.seed, signal: terminal.signal });
    return await recordEvents(events, folder, terminal, options.json ? versions : undefined);
  } finally {
    await executor.dispose();
  }
}

function exitCodeOf(recorded: RecordedRun): number {
  if (recorded.status === "interrupted") return exitCodes.interrupted;
  return recorded.failures.length > 0 ? exitCodes.trialsFailed : exitCodes.ok;
}

/** The folder that was asked for, else a new one under runs/ whose name says when and what. */
function folderPath(named: string | undefined, name: string, cwd: string): string {
  if (named !== undefined) return isAbsolute(named) ? named : join(cwd, named);
  const stamp = new Date()
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replaceAll(":", "-");
  const path = join(cwd, "runs", `${stamp}-${name}`);
  // Two runs may begin in one second.
  let free = path;
  for (let number = 2; existsSync(free); number++) free = `${path}-${number}`;
  return free;
}
