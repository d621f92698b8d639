/** Checks that parsed JSON has the shape of the records of a run folder. Run folders come from strangers. */
import { win32 } from "node:path";
import { ReconError } from "./errors.ts";
import type { CertificateLevel, Json, Verdict } from "./problem.ts";
import type { FailureRecord, ResultRecord, RunRecord, ScenarioRecord, StoredPicture } from "./run-record.ts";

/** Returns the value as T, with nothing else in it, or throws `run-invalid` that names the place. */
type Check<T> = (value: unknown, where: string) => T;

/** Deeper JSON than this is refused: nothing here needs it, and recursion over it would not end well. */
const maxDepth = 64;

function invalid(where: string, expected: string): ReconError {
  return new ReconError(
    "run-invalid",
    `${where}: expected ${expected}. The run folder is damaged or was not written by recon.`,
  );
}

const string: Check<string> = (value, where) => {
  if (typeof value !== "string") throw invalid(where, "a string");
  return value;
};

/** JSON has no infinities: `recordJson` writes them as strings. */
const nonFinite: ReadonlyMap<unknown, number> = new Map([
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["NaN", Number.NaN],
]);

const number: Check<number> = (value, where) => {
  const parsed = typeof value === "number" ? value : nonFinite.get(value);
  if (parsed === undefined) throw invalid(where, 'a number, "Infinity", "-Infinity" or "NaN"');
  return parsed;
};

const count: Check<number> = (value, where) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw invalid(where, "a whole number, 0 or more");
  return value;
};

const isoTime: Check<string> = (value, where) => {
  if (typeof value !== "string" || Number.isNaN(Date.parse(value))) throw invalid(where, "an ISO time");
  return value;
};

function oneOf<T extends string>(allowed: readonly T[]): Check<T> {
  return (value, where) => {
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw invalid(where, `one of ${allowed.join(", ")}`);
    return found;
  };
}

function list<T>(check: Check<T>): Check<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) throw invalid(where, "a list");
    return value.map((entry, index) => check(entry, `${where}[${index}]`));
  };
}

function entriesOf(value: unknown, where: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(where, "an object");
  return Object.entries(value);
}

function mapOf<T>(check: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value, where) =>
    Object.fromEntries(entriesOf(value, where).map(([key, entry]) => [key, check(entry, `${where}.${key}`)]));
}

function record<T extends object>(
  fields: { readonly [K in keyof T]-?: Check<T[K]> },
  optional: readonly (keyof T & string)[] = [],
): Check<T> {
  const checks = Object.entries(fields) as [keyof T & string, Check<unknown>][];
  return (value, where) => {
    const given = new Map(entriesOf(value, where));
    const kept = checks
      .filter(([key]) => given.has(key) || !optional.includes(key))
      .map(([key, check]) => [key, check(given.get(key), `${where}.${key}`)]);
    return Object.fromEntries(kept) as T;
  };
}

function depthOf(value: unknown, limit: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return limit > 0 && Object.values(value).every((entry) => depthOf(entry, limit - 1));
}

/** Everything JSON.parse returns is JSON, so that only `undefined` and the depth are left to refuse. */
const json: Check<Json> = (value, where) => {
  if (value === undefined) throw invalid(where, "a JSON value");
  if (!depthOf(value, maxDepth)) throw invalid(where, `JSON nested at most ${maxDepth} levels deep`);
  return value as Json;
};

const safeFile: Check<string> = (value, where) => {
  const file = string(value, where);
  const outside = file === "" || file.includes("\0") || win32.isAbsolute(file) || /^[a-z]:/i.test(file);
  if (outside || file.split(/[\\/]/).includes("..")) throw invalid(where, "a file name inside the run folder");
  return file;
};

const span = record<{ readonly text: string; readonly mark: string }>({ text: string, mark: string });
const filePicture = record<{ title: string; caption: string; file: string }>({
  title: string,
  caption: string,
  file: safeFile,
});
const spanPicture = record<{ title: string; caption: string; spans: readonly { text: string; mark: string }[] }>({
  title: string,
  caption: string,
  spans: list(span),
});
const picture: Check<StoredPicture> = (value, where) =>
  entriesOf(value, where).some(([key]) => key === "spans") ? spanPicture(value, where) : filePicture(value, where);

const piece = record<{ readonly name: string; readonly options: Json }>({ name: string, options: json });

const scenario = record<ScenarioRecord>({
  id: string,
  title: string,
  summary: string,
  victim: record<ScenarioRecord["victim"]>({
    model: string,
    options: json,
    parameters: count,
    operator: string,
    loss: string,
  }),
  defences: list(piece),
  data: record<ScenarioRecord["data"]>({
    name: string,
    options: json,
    card: record<ScenarioRecord["data"]["card"]>({ title: string, source: string, licence: string, note: string }, [
      "note",
    ]),
    skipped: list(record<{ readonly id: string; readonly reason: string }>({ id: string, reason: string })),
  }),
  batch: count,
  trials: count,
  attacks: list(string),
  given: list(string),
  metrics: list(
    record<ScenarioRecord["metrics"][number]>({
      name: string,
      unit: string,
      better: oneOf(["higher", "lower"]),
      perfect: number,
    }),
  ),
  audit: json,
});

/** Checks `run.json`. Throws `run-invalid` that names the member. */
export const checkRunRecord: (value: unknown, where: string) => RunRecord = record<RunRecord>(
  {
    format: oneOf(["recon-run/1"]),
    title: string,
    created: isoTime,
    finished: isoTime,
    status: oneOf(["running", "finished", "interrupted", "failed"]),
    seed: number,
    versions: mapOf(string),
    scenarios: list(scenario),
  },
  ["finished"],
);

/** Checks one line of `results.jsonl`. Throws `run-invalid` that names the member. */
export const checkResultRecord: (value: unknown, where: string) => ResultRecord = record<ResultRecord>(
  {
    scenario: string,
    seed: number,
    trial: count,
    item: string,
    attack: string,
    given: list(string),
    observation: oneOf(["float32", "float64"]),
    observed: record<ResultRecord["observed"]>({ norm: number, relNoise: number }),
    metric: mapOf(number),
    floor: mapOf(number),
    certificate: oneOf<CertificateLevel>(["none", "consistent", "locally-unique", "exact"]),
    certificateReason: string,
    verdict: oneOf<Verdict>(["recovered", "partial", "not identifiable", "budget spent"]),
    reason: string,
    residual: number,
    evaluations: count,
    seconds: number,
    trace: list(record<ResultRecord["trace"][number]>({ evaluations: number, objective: number })),
    pictures: list(picture),
    chosen: string,
  },
  ["chosen"],
);

/** Checks one line of `failures.jsonl`. Throws `run-invalid` that names the member. */
export const checkFailureRecord: (value: unknown, where: string) => FailureRecord = record<FailureRecord>({
  scenario: string,
  seed: number,
  trial: count,
  attack: string,
  error: record<FailureRecord["error"]>({ code: string, message: string }),
});
