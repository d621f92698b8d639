import { readFileSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { ReconError } from "./errors.ts";
import { evaluationFile } from "./evaluation/evaluation-file.ts";
import type { EvaluationRecord } from "./evaluation/evaluation-record.ts";
import { checkEvaluationRecord } from "./evaluation/evaluation-shape.ts";
import type { FailureRecord, ResultRecord, RunRecord } from "./run-record.ts";
import { checkFailureRecord, checkResultRecord, checkRunRecord } from "./run-record-shape.ts";

/** What a run folder holds. */
export interface RunContents {
  readonly run: RunRecord;
  readonly results: readonly ResultRecord[];
  readonly failures: readonly FailureRecord[];
  /** Defences compared, of scenarios that asked for it. */
  readonly evaluations: readonly EvaluationRecord[];
}

/** A larger picture is refused: a report holds every picture inside it. */
const maxPictureBytes = 64 * 1024 * 1024;

/**
 * Reads a run folder, finished or not: a last line that was only half written is left out.
 * Throws `run-not-found` when there is no `run.json`, `run-invalid` when a record has not the expected shape.
 */
export function readRunFolder(path: string): RunContents {
  const content = contentOf(join(path, "run.json"));
  if (content === undefined) {
    throw new ReconError(
      "run-not-found",
      `There is no run in ${path}: run.json is missing. Name the folder that an audit wrote.`,
    );
  }
  const run = checkRunRecord(parsed(content, "run.json"), "run.json");
  const results = lines(path, "results.jsonl", checkResultRecord);
  const failures = lines(path, "failures.jsonl", checkFailureRecord);
  const known = new Set(run.scenarios.map((scenario) => scenario.id));
  const stray = [...results, ...failures].find((record) => !known.has(record.scenario));
  if (stray !== undefined) {
    throw new ReconError(
      "run-invalid",
      `A record names the scenario "${stray.scenario}", which run.json does not list.`,
    );
  }
  return { run, results, failures, evaluations: run.scenarios.flatMap(({ id }) => evaluationOf(path, id)) };
}

/** The evaluation of a scenario, where there is one. */
function evaluationOf(path: string, scenario: string): readonly EvaluationRecord[] {
  const file = evaluationFile(scenario);
  const content = contentOf(join(path, file));
  if (content === undefined) return [];
  const record = checkEvaluationRecord(parsed(content, file), file);
  if (record.scenario === scenario) return [record];
  throw new ReconError("run-invalid", `${file} belongs to the scenario "${record.scenario}" and not to "${scenario}".`);
}

/**
 * Reads a stored picture, PNG or SVG by its file name. Throws `picture-unreadable` when it is missing, too large, of another
 * type, or outside the run folder (also through a link).
 */
export function readPicture(
  folder: string,
  file: string,
): { readonly type: "png" | "svg"; readonly bytes: Uint8Array } {
  const refuse = (why: string, cause?: unknown): ReconError =>
    new ReconError("picture-unreadable", `The picture ${file} is not shown: ${why}.`, { cause });
  const type = /\.(png|svg)$/.exec(file)?.[1];
  if (type !== "png" && type !== "svg") throw refuse("it is neither a .png nor a .svg file");
  try {
    const inside = relative(realpathSync(folder), realpathSync(join(folder, file)));
    if (inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside) || isAbsolute(file)) {
      throw refuse("it lies outside the run folder");
    }
    const found = statSync(join(folder, file));
    if (!found.isFile()) throw refuse("it is not a file");
    if (found.size > maxPictureBytes) throw refuse(`it is larger than ${maxPictureBytes / 1024 / 1024} MiB`);
    return { type, bytes: readFileSync(join(folder, file)) };
  } catch (cause) {
    throw cause instanceof ReconError ? cause : refuse("it cannot be read", cause);
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR"))
      return undefined;
    throw new ReconError("run-unreadable", `Cannot read ${path} (${cause instanceof Error ? cause.message : cause}).`, {
      cause,
    });
  }
}

function parsed(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new ReconError(
      "run-invalid",
      `${where} is not JSON. The run folder is damaged or was not written by recon.`,
      { cause },
    );
  }
}

function lines<T>(folder: string, file: string, check: (value: unknown, where: string) => T): readonly T[] {
  const all = (contentOf(join(folder, file)) ?? "").split("\n");
  return all.flatMap((line, index) => {
    if (line.trim() === "") return [];
    // Only the last line has no line end, and only when the process ended while it wrote. No part of an object is JSON.
    if (index === all.length - 1 && !isJson(line)) return [];
    return [check(parsed(line, `${file}:${index + 1}`), `${file}:${index + 1}`)];
  });
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
