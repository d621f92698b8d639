/** Checks that parsed JSON has the shape of the records of a run folder. Run folders come from strangers. */
import { win32 } from "node:path";
import { checkDiagnosis } from "./diagnose/diagnosis-shape.ts";
import {
  type Check,
  count,
  entriesOf,
  invalid,
  isoTime,
  json,
  list,
  mapOf,
  number,
  oneOf,
  record,
  string,
} from "./json-check.ts";
import type { CertificateLevel, Json, Verdict } from "./problem.ts";
import type { FailureRecord, ResultRecord, RunRecord, ScenarioRecord, StoredPicture } from "./run-record.ts";
import type { VictimTraining } from "./train-model.ts";

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

const scenario = record<ScenarioRecord>(
  {
    id: string,
    title: string,
    summary: string,
    victim: record<ScenarioRecord["victim"]>(
      {
        model: string,
        options: json,
        parameters: count,
        operator: string,
        loss: string,
        training: record<VictimTraining>({ steps: count, batch: count, rate: number }),
        released: json,
      },
      ["training", "released"],
    ),
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
    diagnosis: checkDiagnosis,
    noDiagnosis: string,
  },
  ["diagnosis", "noDiagnosis"],
);

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
    floorName: string,
    certificate: oneOf<CertificateLevel>(["none", "consistent", "locally-unique", "exact"]),
    certificateReason: string,
    verdict: oneOf<Verdict>(["recovered", "partial", "not identifiable", "budget spent"]),
    reason: string,
    residual: number,
    evaluations: count,
    seconds: number,
    trace: list(record<ResultRecord["trace"][number]>({ evaluations: number, objective: number })),
    pictures: list(picture),
    memorised: record<NonNullable<ResultRecord["memorised"]>>({
      resemblance: string,
      score: number,
      control: number,
      levels: record<NonNullable<ResultRecord["memorised"]>["levels"]>({
        similar: number,
        nearVerbatim: number,
        verbatim: number,
      }),
    }),
    chosen: string,
  },
  ["chosen", "floorName", "memorised"],
);

/** Checks one line of `failures.jsonl`. Throws `run-invalid` that names the member. */
export const checkFailureRecord: (value: unknown, where: string) => FailureRecord = record<FailureRecord>({
  scenario: string,
  seed: number,
  trial: count,
  attack: string,
  error: record<FailureRecord["error"]>({ code: string, message: string }),
});
