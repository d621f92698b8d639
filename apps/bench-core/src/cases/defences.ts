import type { BenchCase, Measurement, TrialContext } from "@recon/bench";
import {
  type Attack,
  analytic,
  type DefenceCell,
  defaultKnowledge,
  type EvaluationOptions,
  type EvaluationRecord,
  evaluateDefences,
  gradient,
  layerRecursion,
  type Model,
  type Scenario,
} from "@recon/core";
import { digits, featureMatching, invertingGradients, maximumAPosteriori } from "@recon/vision";
import { trainableLeNet, twoLayerClassifier } from "../victims/trainable.ts";
import { defenceFamilies } from "./defence-families.ts";

/** Percentage points of accuracy that a defence may cost. */
const levels = [0.5, 1, 2, 5];

/** A net that classifies digits, and the attacks that are declared against it. */
export interface Victim {
  readonly name: string;
  readonly model: () => Model;
  readonly attacks: () => readonly Attack[];
}

export const victims: readonly Victim[] = [
  {
    name: "two-layer",
    model: twoLayerClassifier,
    attacks: () => [analytic(), maximumAPosteriori(), invertingGradients()],
  },
  {
    name: "lenet",
    model: trainableLeNet,
    attacks: () => [layerRecursion(), maximumAPosteriori(), featureMatching()],
  },
];

export function scenarioOf({ name, model, attacks }: Victim, quick: boolean): Scenario {
  return {
    // Cases that compare the same defences draw the same victims.
    id: `defences ${name}`,
    title: name,
    summary: "",
    model: model(),
    source: digits(),
    batch: 1,
    operator: gradient(),
    defences: [],
    observationPrecision: "float32",
    known: [...defaultKnowledge, "labels"],
    attacks: attacks(),
    trials: quick ? 1 : 5,
    budget: { evaluations: quick ? 20 : 100 },
    onError: "skip",
    audit: {},
  };
}

export function trainingOf(quick: boolean): EvaluationOptions["training"] {
  return quick
    ? { budget: { steps: 150, batch: 8 }, rates: [0.1], seeds: 1, train: 2000, test: 1000 }
    : { budget: { steps: 250, batch: 8 }, rates: [0.03, 0.1], seeds: 1, train: 3000, test: 2000 };
}

/** Yields the measurements of a cell as soon as it is there; `elapsed_minutes` counts from the beginning, training included. */
async function* table(seed: number, { executor, signal, quick }: TrialContext): AsyncGenerator<Measurement, void> {
  const started = performance.now();
  for (const victim of victims) {
    const scenario = scenarioOf(victim, quick);
    let before = performance.now();
    for await (const event of evaluateDefences({
      title: victim.name,
      scenario,
      families: defenceFamilies(quick),
      levels,
      training: trainingOf(quick),
      executor,
      seed,
      signal,
    })) {
      if (event.kind === "progress") continue;
      const now = performance.now();
      const times = { seconds: (now - before) / 2000, minutes: (now - started) / 60_000 };
      before = now;
      yield* cellMeasurements(victim.name, event.record, times);
    }
  }
}

/** One measurement for the attackers that were told of the defence, and one for those that were not. */
export function cellMeasurements(
  victim: string,
  record: EvaluationRecord,
  times: { readonly seconds: number; readonly minutes: number },
): readonly Measurement[] {
  const cell = record.cells.at(-1)!;
  return [true, false].map((adaptive) => sideMeasurement(victim, cell, adaptive, times));
}

function sideMeasurement(
  victim: string,
  cell: DefenceCell,
  adaptive: boolean,
  { seconds, minutes }: { readonly seconds: number; readonly minutes: number },
): Measurement {
  const { defence, level, epsilon, strength, bound, privacy, floor } = cell;
  const attack = adaptive ? cell.strongest.adaptive : cell.strongest.oblivious;
  const outcome = cell.outcomes.find((one) => one.adaptive === adaptive && one.attack === attack);
  const at = epsilon === undefined ? `${level} points` : `epsilon ${epsilon}`;
  return {
    item: `${victim}: ${defence} at ${at}, ${adaptive ? "told" : "not told"}`,
    attack: attack ?? "none",
    given: ["architecture", "weights", "lossKind", "labels", ...(adaptive ? ["defenceKind", "defenceParams"] : [])],
    observation: "float32",
    metric: {
      ...(outcome?.score && { mse: outcome.score.mean }),
      utility_loss: level,
      ...(strength !== undefined && { strength }),
      ...(privacy && { epsilon: privacy.epsilon }),
      ...(bound?.kind === "lower" && { bound: bound.value }),
      elapsed_minutes: minutes,
    },
    ...(floor ? { floor: { mse: floor.mean } } : { floorReason: cell.note ?? "no attack could be run" }),
    certificate: "none",
    verdict: "budget spent",
    reason: reasonOf(cell, adaptive),
    residual: Number.NaN,
    seconds,
    evaluations: 0,
  };
}

/** What stands in the way of a number, or beside it. */
function reasonOf(cell: DefenceCell, adaptive: boolean): string {
  const refused = cell.outcomes
    .filter((outcome) => outcome.adaptive === adaptive && outcome.reason !== undefined)
    .map(({ attack, failures, trials, reason }) => `${attack} failed in ${failures} of ${trials.length}: ${reason}`);
  const parts = [cell.note, ...refused].filter((part) => part !== undefined);
  return parts.length === 0 ? "Every attack of the set ran." : parts.join(" ");
}

/** Defences at equal utility, and DP-SGD at several ε, on two nets that classify digits. */
export const defenceCases: readonly BenchCase[] = [
  { id: "defence-table", suite: "defences", targets: { elapsed_minutes: "<=10" }, seeds: 1, trial: table },
];
