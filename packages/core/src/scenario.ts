import type { Executor } from "@recon/engine";
import type { Attack, Budget, DataSource, Defence, Flag, Json, Model, Operator, Picture } from "./problem.ts";
import type { FailureRecord, ResultRecord, ScenarioRecord } from "./run-record.ts";
import type { VictimTraining } from "./train-model.ts";

/** One victim, what is done to its observation, what the attacker is told, and the attacks. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly model: Model;
  readonly source: DataSource;
  /** Trains the victim of every trial on items that are not attacked; absent for one with the weights that the model starts with. */
  readonly training?: VictimTraining;
  readonly batch: number;
  readonly operator: Operator;
  readonly defences: readonly Defence[];
  readonly observationPrecision: "float32" | "float64";
  /** What the attacker is told; values of flags such as `labels` are filled in by the victim's side when named here. */
  readonly known: readonly Flag[];
  readonly attacks: readonly Attack[];
  /** Trials: each draws its own weights, batch and noise from the seed. */
  readonly trials: number;
  readonly budget: Budget;
  readonly onError: "skip" | "refuse";
  /** The description this came from, complete enough to run it again. */
  readonly audit: Json;
}

export type AuditEvent =
  | { readonly kind: "scenario"; readonly record: ScenarioRecord }
  | {
      /** Once a scenario, before its first attack. */
      readonly kind: "diagnosis";
      readonly scenario: string;
      readonly finding: Pick<ScenarioRecord, "diagnosis" | "noDiagnosis">;
    }
  | { readonly kind: "trial"; readonly scenario: string; readonly trial: number; readonly trials: number }
  | {
      readonly kind: "progress";
      readonly scenario: string;
      readonly trial: number;
      readonly attack: string;
      readonly fraction: number;
      readonly message: string;
    }
  | { readonly kind: "result"; readonly record: Omit<ResultRecord, "pictures">; readonly pictures: readonly Picture[] }
  | { readonly kind: "failure"; readonly record: FailureRecord };

export interface AuditOptions {
  readonly executor: Executor;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Whether each scenario is diagnosed before its first attack; true unless said. Loops that only want scores leave it out. */
  readonly diagnosis?: boolean;
}
