import type { VictimTraining } from "@recon/core";

/** A piece of a package by name, with its options: `total-variation`, or `{ name, options }`. */
export type NamedPart = string | { readonly name: string; readonly options?: Readonly<Record<string, unknown>> };

/** The victim's data: a named source, or a folder of the user's own. */
export type DataPart = NamedPart | { readonly path: string; readonly options?: Readonly<Record<string, unknown>> };

/** A defence of which one option is swept, from weak to strong. */
export interface SweptDefence {
  readonly name: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly sweep: Readonly<Record<string, readonly number[]>>;
  /** Guarantees measured besides the levels, where the swept option is the noise multiplier. */
  readonly epsilons?: readonly number[];
  /** Step sizes in place of the training's. */
  readonly rates?: readonly number[];
}

/** Defences compared at equal utility. */
export interface EvaluationPart {
  readonly defences: readonly SweptDefence[];
  readonly levels: readonly number[];
  readonly training: {
    readonly steps: number;
    readonly batch: number;
    readonly rates: readonly number[];
    readonly seeds: number;
    readonly train: number;
    readonly test: number;
  };
}

/** How a client trains locally, beside the number and the size of its steps. */
export interface LocalPart {
  readonly optimiser?: string;
  readonly momentum?: number;
  readonly weight_decay?: number;
  readonly decoupled?: boolean;
  readonly batch?: number;
  readonly epochs?: number;
}

/** The contents of an audit file with every default filled in; the keys are explained in the JSON schema. */
export interface AuditFile {
  readonly use: readonly string[];
  readonly title?: string;
  readonly summary?: string;
  readonly kind: "gradient" | "update" | "weights";
  readonly mode: "train" | "eval";
  readonly model: NamedPart;
  readonly data: DataPart;
  readonly loss?: string;
  readonly batch: number;
  readonly steps?: number;
  readonly rate?: number;
  /** Standard deviation of the initial weights of the first layer, for the kind weights. */
  readonly first_layer?: number;
  readonly local?: LocalPart;
  /** How far the victim is trained before it is observed; `evaluate.training` is about models that measure accuracy. */
  readonly training?: VictimTraining;
  readonly domain?: { readonly kind?: string; readonly min?: number; readonly max?: number };
  readonly defences: readonly NamedPart[];
  readonly evaluate?: EvaluationPart;
  readonly priors: readonly NamedPart[];
  readonly attacks: "auto" | readonly NamedPart[];
  readonly known: readonly string[];
  readonly budget?: number | { readonly evaluations?: number; readonly time_limit?: string };
  readonly seeds: number;
  readonly on_error: "refuse" | "skip";
  readonly observation: "float32" | "float64";
  readonly out?: string;
}
