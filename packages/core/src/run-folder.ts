import { appendFileSync, closeSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { notWritable, writeFileAtomically } from "./atomic-file.ts";
import { ReconError } from "./errors.ts";
import { evaluationFile, isEvaluationFile } from "./evaluation/evaluation-file.ts";
import type { EvaluationRecord } from "./evaluation/evaluation-record.ts";
import type { Picture } from "./problem.ts";
import type { FailureRecord, ResultRecord, RunRecord, ScenarioRecord, StoredPicture } from "./run-record.ts";

/**
 * A run folder while it is written. Every call has its effect on disk before it returns, in an order that leaves a valid
 * folder wherever the process ends: pictures before the line that names them, `run.json` replaced as a whole.
 */
export interface RunFolder {
  readonly path: string;
  /** Adds a scenario to `run.json`. Throws `duplicate-scenario` when its id is taken. */
  addScenario(scenario: ScenarioRecord): void;
  /** Adds to the scenario in `run.json` what could be known before attacking. Throws `unknown-scenario` when there is no scenario of that id. */
  addDiagnosis(id: string, finding: Pick<ScenarioRecord, "diagnosis" | "noDiagnosis">): void;
  /** Writes `evaluation-<id>.json` as a whole, again after every cell. Throws `unknown-scenario` when there is no scenario of that id. */
  writeEvaluation(id: string, record: EvaluationRecord): void;
  /** Writes the pictures, then one line of `results.jsonl` with its keys in a fixed order; returns the record as stored. */
  appendResult(record: Omit<ResultRecord, "pictures">, pictures: readonly Picture[]): ResultRecord;
  /** Writes one line of `failures.jsonl`. */
  appendFailure(record: FailureRecord): void;
  /** Records how the run ended, and when; returns the final `run.json`. */
  finish(status: "finished" | "interrupted" | "failed"): RunRecord;
}

export interface RunFolderOptions {
  /** Replace a run that is in the folder already. Files that are not a run's are never touched. */
  readonly force?: boolean;
}

const resultsFile = "results.jsonl";
const replaceable: readonly string[] = [resultsFile, "failures.jsonl", "report.html", "pictures"];
const ownFile = (name: string): boolean => name === "run.json" || replaceable.includes(name) || isEvaluationFile(name);
const leftOver = (name: string): boolean => /^\.(run\.json|report\.html)\.\d+\.tmp$/.test(name);

/**
 * Starts a run folder and writes its `run.json`. Throws `run-exists` when a run is there and `force` is not given,
 * `output-not-empty` when other files are there, `output-not-writable` when the folder cannot be written.
 */
export function createRunFolder(path: string, record: RunRecord, options: RunFolderOptions = {}): RunFolder {
  claim(path, options.force === true);
  let run = record;
  let pictureCount = 0;
  const writeRun = (): void => writeFileAtomically(join(path, "run.json"), `${recordJson(run, 2)}\n`);
  const append = (file: string, line: string): void =>
    writing(join(path, file), (target) => appendFileSync(target, `${line}\n`));
  const store = (owner: Omit<ResultRecord, "pictures">, picture: Picture): StoredPicture => {
    const { title, caption } = picture;
    if ("spans" in picture) return { title, caption, spans: picture.spans };
    pictureCount += 1;
    const [content, extension] = "svg" in picture ? [picture.svg, "svg"] : [picture.png, "png"];
    // The running number makes the name unique, the words make it readable.
    const words = [owner.scenario, owner.attack, owner.item, title].map(slug).filter((word) => word !== "");
    const file = `pictures/${[String(pictureCount).padStart(4, "0"), ...words].join("-")}.${extension}`;
    writing(join(path, file), (target) => writeFileSync(target, content, { flag: "wx" }));
    return { title, caption, file };
  };
  const requireScenario = (id: string): void => {
    if (run.scenarios.some((known) => known.id === id)) return;
    throw new ReconError(
      "unknown-scenario",
      `No scenario is named "${id}". Add the scenario before what belongs to it.`,
    );
  };
  writeRun();
  return {
    path,
    addScenario(scenario) {
      if (run.scenarios.some((known) => known.id === scenario.id)) {
        throw new ReconError("duplicate-scenario", `Two scenarios are named "${scenario.id}". Give each its own id.`);
      }
      run = { ...run, scenarios: [...run.scenarios, scenario] };
      writeRun();
    },
    addDiagnosis(id, finding) {
      requireScenario(id);
      run = { ...run, scenarios: run.scenarios.map((known) => (known.id === id ? { ...known, ...finding } : known)) };
      writeRun();
    },
    writeEvaluation(id, evaluation) {
      requireScenario(id);
      writeFileAtomically(join(path, evaluationFile(id)), `${recordJson(evaluation, 2)}\n`);
    },
    appendResult(result, pictures) {
      const stored = inOrder({ ...result, pictures: pictures.map((picture) => store(result, picture)) });
      append(resultsFile, recordJson(stored));
      return stored;
    },
    appendFailure({ scenario, seed, trial, attack, error }) {
      append(
        "failures.jsonl",
        recordJson({ scenario, seed, trial, attack, error: { code: error.code, message: error.message } }),
      );
    },
    finish(status) {
      run = { ...run, status, finished: new Date().toISOString() };
      writeRun();
      return run;
    },
  };
}

/** JSON in which numbers that JSON lacks are the strings "Infinity", "-Infinity" and "NaN". One line unless `indent` is given. */
export function recordJson(value: unknown, indent?: number): string {
  const replace = (_key: string, entry: unknown): unknown =>
    typeof entry === "number" && !Number.isFinite(entry) ? String(entry) : entry;
  return JSON.stringify(value, replace, indent);
}

/** Takes the folder for one run: creates it, or empties it of the old run's files. */
function claim(path: string, force: boolean): void {
  writing(path, (target) => mkdirSync(target, { recursive: true }));
  const present = writing(path, (target) => readdirSync(target)).filter((name) => !leftOver(name));
  const foreign = present.filter((name) => !ownFile(name));
  if (foreign.length > 0 && !present.includes("run.json")) {
    throw new ReconError(
      "output-not-empty",
      `${path} holds other files (${foreign.slice(0, 3).join(", ")}${foreign.length > 3 ? ", ..." : ""}) and no run. Choose an empty or a new folder.`,
    );
  }
  if (present.length > 0 && !force) throw runExists(path);
  for (const name of [...replaceable, ...present.filter(isEvaluationFile)])
    writing(path, (target) => rmSync(join(target, name), { recursive: true, force: true }));
  try {
    // Exclusive creation decides between two processes that start in the same folder at the same moment.
    closeSync(openSync(join(path, resultsFile), "wx"));
  } catch (cause) {
    throw cause instanceof Error && "code" in cause && cause.code === "EEXIST"
      ? runExists(path)
      : notWritable(path, cause);
  }
  writing(path, (target) => mkdirSync(join(target, "pictures"), { recursive: true }));
}

function runExists(path: string): ReconError {
  return new ReconError(
    "run-exists",
    `${path} holds a run already, and it was left as it is. Choose another output folder, or pass --force to replace the run.`,
  );
}

function writing<T>(path: string, action: (path: string) => T): T {
  try {
    return action(path);
  } catch (cause) {
    throw notWritable(path, cause);
  }
}

/** Letters, digits and single dashes: safe on every file system, and never a path. */
function slug(words: string): string {
  return words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 32);
}

function sorted(scores: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(scores).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Equal records give equal bytes, in whatever order their members were set. */
function inOrder(result: ResultRecord): ResultRecord {
  const { scenario, seed, trial, item, attack, given, observation, observed, floorName, memorised, chosen } = result;
  const { certificate, certificateReason, verdict, reason, residual, evaluations, seconds, trace, pictures } = result;
  return {
    scenario,
    seed,
    trial,
    item,
    attack,
    given,
    observation,
    observed: { norm: observed.norm, relNoise: observed.relNoise },
    metric: sorted(result.metric),
    floor: sorted(result.floor),
    ...(floorName === undefined ? {} : { floorName }),
    ...(memorised === undefined ? {} : { memorised }),
    certificate,
    certificateReason,
    verdict,
    reason,
    ...(chosen === undefined ? {} : { chosen }),
    residual,
    evaluations,
    seconds,
    trace: trace.map((point) => ({ evaluations: point.evaluations, objective: point.objective })),
    pictures,
  };
}
