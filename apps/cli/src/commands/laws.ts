import type { Json } from "@recon/core";
import { type PieceOutcome, tryPlugin } from "@recon/core/laws";
import { type Command, InvalidArgumentError } from "commander";
import { exitCodes } from "../exit-codes.ts";
import { loadPlugin } from "../plugins/load-plugins.ts";
import { aligned } from "../progress/summary.ts";
import type { Terminal } from "../terminal.ts";

interface LawsOptions {
  readonly only?: readonly string[];
  readonly shape?: readonly number[];
  readonly options?: { readonly [key: string]: Json };
  readonly runs: number;
  readonly seed: number;
  readonly json?: boolean;
}

const examples = `
Examples:
  recon laws recon-prior-edges                     every piece of an installed package
  recon laws ./mine.js                             of a file
  recon laws recon-prior-edges --shape 1,28,28     on items of this shape
  recon laws vision --only total-variation         one piece of a package
  recon laws ./mine.js --options '{"weight": 2}'   a piece that needs options
  recon laws ./mine.js --seed 17 --runs 1          the case of a failure again

Exit codes:
  0  every law that could be tried held
  2  the arguments are wrong, or no law could be tried
  3  a law is broken
`;

/** `recon laws <package>`: tries the laws of every piece that a plugin brings. */
export function lawsCommand(program: Command, terminal: Terminal, done: (code: number) => void): void {
  program
    .command("laws")
    .description("try the laws that every piece of a plugin must obey")
    .argument("<package>", "a package or file, as under use in an audit file")
    .option("--only <names>", "pieces to try, separated by commas (default: all)", words)
    .option(
      "--shape <extents>",
      "shape of one item, such as 3,32,32 (default: the plugin's data, or what the piece takes)",
      extents,
    )
    .option("--options <json>", "options of the pieces that are tried", jsonRecord)
    .option("--runs <number>", "drawn cases a law", atLeast(1), 3)
    .option("--seed <number>", "of the first case", atLeast(0), 1)
    .option("--json", "one JSON object a piece on standard output, a summary as the last line")
    .option("--debug", "show the stack trace of an error")
    .addHelpText("after", examples)
    .action(async (use: string, options: LawsOptions) => {
      const { plugin } = await loadPlugin(use, terminal.cwd);
      const { json, ...setting } = options;
      const outcomes: PieceOutcome[] = [];
      for await (const outcome of tryPlugin(plugin, { ...setting, signal: terminal.signal })) {
        outcomes.push(outcome);
        if (json) terminal.out(JSON.stringify({ event: "piece", ...outcome }));
        else if (terminal.interactive) terminal.say(progressLine(outcome));
      }
      const counts = countsOf(outcomes);
      if (json) terminal.out(JSON.stringify({ event: "summary", package: use, plugin: plugin.name, ...counts }));
      else for (const line of table(outcomes, `${plugin.name} (${use})`)) terminal.out(line);
      if (counts.tried === 0 && !terminal.signal.aborted) {
        terminal.say(`recon: no law of ${use} could be tried${outcomes.length === 0 ? ": it has no such piece" : ""}.`);
        return done(exitCodes.userError);
      }
      done(counts.broken > 0 ? exitCodes.trialsFailed : exitCodes.ok);
    });
}

function progressLine(outcome: PieceOutcome): string {
  return `${outcome.member} ${outcome.name}: ${"skipped" in outcome ? "skipped" : `${outcome.laws.length} laws in ${outcome.seconds.toFixed(1)} s`}`;
}

function countsOf(outcomes: readonly PieceOutcome[]) {
  const laws = outcomes.flatMap((outcome) => ("skipped" in outcome ? [] : outcome.laws));
  const broken = laws.filter(({ held }) => !held).length;
  return {
    pieces: outcomes.length,
    skipped: outcomes.filter((outcome) => "skipped" in outcome).length,
    tried: laws.length,
    held: laws.length - broken,
    broken,
  };
}

/** A line a piece, then what is broken or was skipped, and why. */
function table(outcomes: readonly PieceOutcome[], title: string): readonly string[] {
  const { pieces, skipped, held, broken } = countsOf(outcomes);
  const rows = outcomes.map((outcome) => {
    const of = [outcome.member, outcome.name];
    if ("skipped" in outcome) return [...of, "-", "skipped", outcome.skipped];
    const wrong = outcome.laws.filter((law) => !law.held).length;
    return [
      ...of,
      `${outcome.laws.length - wrong} of ${outcome.laws.length}`,
      wrong === 0 ? "held" : "BROKEN",
      outcome.on,
    ];
  });
  const reasons = outcomes.flatMap((outcome) =>
    "skipped" in outcome
      ? []
      : outcome.laws.flatMap((law) =>
          law.held
            ? []
            : [
                `${outcome.name}: ${law.law}`,
                `  ${law.reason}`,
                `  again: --only ${outcome.name} --seed ${law.seed} --runs 1`,
              ],
        ),
  );
  const sum = `${title}: ${held} laws held, ${broken} broken; ${pieces - skipped} pieces tried, ${skipped} skipped`;
  return [
    ...aligned([["kind", "name", "laws", "result", "tried on, or why not"], ...rows]),
    "",
    ...reasons,
    ...(reasons.length > 0 ? [""] : []),
    sum,
  ];
}

function words(value: string): readonly string[] {
  return value.split(",").map((word) => word.trim());
}

function extents(value: string): readonly number[] {
  const shape = value.split(",").map(Number);
  if (shape.every((extent) => Number.isSafeInteger(extent) && extent > 0)) return shape;
  throw new InvalidArgumentError("Allowed: whole numbers above 0, separated by commas.");
}

function jsonRecord(value: string): { readonly [key: string]: Json } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    parsed = undefined;
  }
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed as { [key: string]: Json };
  throw new InvalidArgumentError(`Allowed: a JSON object, such as '{"weight": 2}'.`);
}

function atLeast(least: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (Number.isSafeInteger(number) && number >= least && value.trim() !== "") return number;
    throw new InvalidArgumentError(`Allowed: a whole number of at least ${least}.`);
  };
}
