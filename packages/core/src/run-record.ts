/**
 * What a run folder holds: `run.json` (a `RunRecord`), `results.jsonl` (a `ResultRecord` a line) and `pictures/`.
 * Plain JSON, written as it happens, so that an interrupted run is a valid, shorter one.
 */
import type { Diagnosis } from "./diagnose/diagnosis.ts";
import type { Card, CertificateLevel, Flag, Json, TracePoint, Verdict } from "./problem.ts";
import type { VictimTraining } from "./train-model.ts";

export interface RunRecord {
  readonly format: "recon-run/1";
  readonly title: string;
  /** ISO time. */
  readonly created: string;
  readonly finished?: string;
  readonly status: "running" | "finished" | "interrupted" | "failed";
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly scenarios: readonly ScenarioRecord[];
}

/** One victim, its data and what is done with them. `audit` repeats it. */
export interface ScenarioRecord {
  readonly id: string;
  readonly title: string;
  /** One or two sentences for a reader who does not know the field. */
  readonly summary: string;
  readonly victim: {
    readonly model: string;
    readonly options: Json;
    readonly parameters: number;
    readonly operator: string;
    readonly loss: string;
    /** How far it was trained before it was observed; absent where it has the weights that its model starts with. */
    readonly training?: VictimTraining;
    /** Where the weights themselves are released after training on the batch: how that was done. */
    readonly released?: Json;
  };
  readonly defences: readonly { readonly name: string; readonly options: Json }[];
  readonly data: {
    readonly name: string;
    readonly options: Json;
    readonly card: Card;
    readonly skipped: readonly { readonly id: string; readonly reason: string }[];
  };
  readonly batch: number;
  readonly trials: number;
  readonly attacks: readonly string[];
  /** What the attacker was given. */
  readonly given: readonly Flag[];
  readonly metrics: readonly {
    readonly name: string;
    readonly unit: string;
    readonly better: "higher" | "lower";
    readonly perfect: number;
  }[];
  /** The audit description this scenario came from, complete enough to run it again. */
  readonly audit: Json;
  /** What could be known before attacking, from the first trial's observation; absent until it was looked at. */
  readonly diagnosis?: Diagnosis;
  /** Why there is no diagnosis, where it was tried. */
  readonly noDiagnosis?: string;
}

/** A picture in the run folder, or text spans inline. */
export type StoredPicture = { readonly title: string; readonly caption: string } & (
  | { readonly file: string }
  | { readonly spans: readonly { readonly text: string; readonly mark: string }[] }
);

/** One item of one trial under one attack. */
export interface ResultRecord {
  readonly scenario: string;
  readonly seed: number;
  readonly trial: number;
  readonly item: string;
  readonly attack: string;
  readonly given: readonly Flag[];
  readonly observation: "float32" | "float64";
  /** ‖clean observation‖ and what the channel did, in words of the report. */
  readonly observed: { readonly norm: number; readonly relNoise: number };
  readonly metric: Readonly<Record<string, number>>;
  readonly floor: Readonly<Record<string, number>>;
  /** Who scores that; the blind guess where it is not said. */
  readonly floorName?: string;
  readonly certificate: CertificateLevel;
  readonly certificateReason: string;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly residual: number;
  readonly evaluations: number;
  readonly seconds: number;
  readonly trace: readonly TracePoint[];
  readonly pictures: readonly StoredPicture[];
  /** Where weights were trained on the item: how much the candidate matched to it is like it, and the same of one held-out item. */
  readonly memorised?: Memorised;
  /** Why `auto` chose this attack, and what it tried before; absent elsewhere. */
  readonly chosen?: string;
}

/** One training item of a model whose weights were released, and one item of the control, by the domain's resemblance. */
export interface Memorised {
  readonly resemblance: string;
  readonly score: number;
  readonly control: number;
  /** Levels above which an item counts as found, nearly verbatim, verbatim. */
  readonly levels: { readonly similar: number; readonly nearVerbatim: number; readonly verbatim: number };
}

/** A trial that could not be run or judged. */
export interface FailureRecord {
  readonly scenario: string;
  readonly seed: number;
  readonly trial: number;
  readonly attack: string;
  readonly error: { readonly code: string; readonly message: string };
}
