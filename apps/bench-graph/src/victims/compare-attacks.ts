import type { TrialContext } from "@recon/bench";
import {
  type Attack,
  audit,
  type Defence,
  defaultKnowledge,
  type Flag,
  gradient,
  type Model,
  ReconError,
  type ResultRecord,
  type Scenario,
} from "@recon/core";
import { moleculeSource } from "./molecule-case.ts";

/** The same victims for several attacks. */
export interface Comparison {
  readonly id: string;
  readonly model: Model;
  readonly attacks: Readonly<Record<string, Attack>>;
  readonly told: readonly Flag[];
  readonly defences: readonly Defence[];
  readonly observation: "float32" | "float64";
  /** Molecules, a trial each. */
  readonly graphs: number;
  readonly evaluations: number;
}

export type Compared = Omit<ResultRecord, "pictures">;

/** Results of every attack by its name, a molecule a place: molecules, weights and noise are the same for all. @throws ReconError `failed-trial`. */
export async function compareAttacks(
  { id, model, attacks, told, defences, observation, graphs, evaluations }: Comparison,
  seed: number,
  { executor, signal, quick }: TrialContext,
): Promise<Readonly<Record<string, readonly Compared[]>>> {
  const results: Record<string, Compared[]> = {};
  for (const [name, attack] of Object.entries(attacks)) {
    const scenario: Scenario = {
      id,
      title: id,
      summary: "",
      model,
      source: { ...moleculeSource, domain: { ...moleculeSource.domain, render: async () => [] } },
      batch: 1,
      operator: gradient(),
      defences,
      observationPrecision: observation,
      known: [...defaultKnowledge, ...told],
      attacks: [attack],
      trials: quick ? 3 : graphs,
      budget: { evaluations },
      onError: "skip",
      audit: {},
    };
    const own: Compared[] = [];
    for await (const event of audit([scenario], { executor, seed, signal, diagnosis: false })) {
      if (event.kind === "failure") throw new ReconError("failed-trial", `${name}: ${event.record.error.message}`);
      if (event.kind === "result") own.push(event.record);
    }
    results[name] = own;
  }
  return results;
}

/** One score of every molecule. */
export function scoresOf(results: readonly Compared[], metric: string, of: "metric" | "floor" = "metric"): number[] {
  return results.map((result) => result[of][metric]!);
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
