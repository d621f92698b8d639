import { existsSync, readFileSync } from "node:fs";
import { ReconError } from "@recon/core";
import type { BenchCase } from "./bench-case.ts";
import type { BenchLine, BenchSummary } from "./bench-line.ts";

/** The lines of a case that ran to its end. */
export interface FinishedCase {
  readonly lines: readonly BenchLine[];
  readonly summary: BenchSummary;
}

/**
 * Cases that an earlier, perhaps interrupted, call saved in a file; none where there is no such file. Lines of a case without its summary are left out.
 *
 * @throws ReconError `bad-call` for a file that holds something else, so that it is not overwritten.
 */
export function readFinishedCases(file: string): FinishedCase[] {
  if (!existsSync(file)) return [];
  const finished: FinishedCase[] = [];
  let open: BenchLine[] = [];
  const texts = readFileSync(file, "utf8").split("\n");
  for (const [at, text] of texts.entries()) {
    if (text.trim() === "") continue;
    const line = parseLine(text);
    if (line === undefined) {
      // What an interrupt cut in two is the last line.
      if (at === texts.length - 1) break;
      throw new ReconError(
        "bad-call",
        `${file}, line ${at + 1}, is no line of a benchmark. Give the name of another file.`,
      );
    }
    if ("summary" in line) {
      finished.push({ lines: open, summary: line });
      open = [];
    } else {
      if (open[0] !== undefined && open[0].case !== line.case) open = [];
      open.push(line);
    }
  }
  return finished;
}

/** Takes the earliest saved run of a case, of the same seeds, version and thoroughness, out of the list. */
export function takeFinished(
  finished: FinishedCase[],
  bench: BenchCase,
  { seeds, version, quick }: { readonly seeds: number; readonly version: string; readonly quick: boolean },
): FinishedCase | undefined {
  const at = finished.findIndex(
    ({ summary }) =>
      summary.case === bench.id &&
      summary.seeds === seeds &&
      summary.versions.recon === version &&
      (summary.quick ?? false) === quick &&
      JSON.stringify(summary.target) === JSON.stringify(bench.targets),
  );
  return at < 0 ? undefined : finished.splice(at, 1)[0];
}

function parseLine(text: string): BenchLine | BenchSummary | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isLine = typeof value === "object" && value !== null && "case" in value && "versions" in value;
    return isLine ? (value as BenchLine | BenchSummary) : undefined;
  } catch {
    return undefined;
  }
}
