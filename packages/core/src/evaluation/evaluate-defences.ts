import type { Executor } from "@recon/engine";
import { audit } from "../audit.ts";
import type { Bound } from "../bounds/bound.ts";
import { type AccountedTraining, privacyOf } from "../defences/privacy.ts";
import { bootstrap } from "../judge/interval.ts";
import { meanSquaredError } from "../metrics/mean-squared-error.ts";
import type { Attack, Defence } from "../problem.ts";
import { rng } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import { strengthAtLoss } from "./equal-utility.ts";
import type { AttackOutcome, DefenceCell, EvaluationRecord, UtilityCurve } from "./evaluation-record.ts";
import { noiseBound } from "./noise-bound.ts";
import { pairsOf } from "./paired-defences.ts";
import { type UtilityBudget, utilityCurves } from "./utility-curves.ts";

/** One defence with one option that is swept. */
export interface DefenceFamily {
  readonly name: string;
  /** The option. */
  readonly parameter: string;
  /** Its values, in order of growing protection. */
  readonly strengths: readonly number[];
  at(strength: number): readonly Defence[];
}

export type BoundOf = (
  scenario: Scenario,
  context: Pick<EvaluationOptions, "executor" | "seed" | "signal">,
) => Promise<Bound | { readonly reason: string }>;

export interface EvaluationOptions {
  readonly title: string;
  /** The victim without defences; its attacks are the declared set. */
  readonly scenario: Scenario;
  readonly families: readonly DefenceFamily[];
  /** Percentage points of accuracy that may be lost, ascending. */
  readonly levels: readonly number[];
  readonly training: UtilityBudget;
  /** What no attacker can beat at a setting, or why nothing is proven; `noiseBound` unless given. */
  readonly bound?: BoundOf;
  readonly executor: Executor;
  readonly seed: number;
  readonly signal: AbortSignal;
}

export type EvaluationEvent =
  | { readonly kind: "progress"; readonly fraction: number; readonly message: string }
  | { readonly kind: "record"; readonly record: EvaluationRecord };

/** Share of the progress that training takes. */
const trainingShare = 0.4;

/**
 * Compares defences at equal utility: the strength of a defence is the error that the strongest attack of the declared set leaves, at the setting that costs as much
 * accuracy as the others'.
 *
 * 1. Trains with each defence at each strength and measures what accuracy it costs; 2. finds the strength at each level of loss; 3. runs every attack there, told
 * of the defence and not, on the same victims; 4. reports the strongest of each beside floor, bound and ε; 5. pairs differences by trial.
 *
 * Yields the record after every cell, so that an interrupted evaluation is a valid, shorter one.
 *
 * @throws what training and the audit loop throw: `no-utility`, `too-few-items`, ...
 * @see Liu, Wang, Chen & Lei, "Data Reconstruction Attacks and Defenses: A Systematic Evaluation", AISTATS 2025.
 */
export async function* evaluateDefences(given: EvaluationOptions): AsyncGenerator<EvaluationEvent, void> {
  const { families, levels, signal } = given;
  const scenario = scoredByError(given.scenario);
  const options = { ...given, scenario };
  const [metric] = scenario.source.domain.metrics;
  const curves: UtilityCurve[] = [];
  let accuracy = Number.NaN;
  for await (const event of utilityCurves(options)) {
    if (event.kind === "baseline") accuracy = event.accuracy;
    if (event.kind === "curve") curves.push(event.curve);
    yield { kind: "progress", fraction: trainingShare * event.fraction, message: event.message };
  }
  const cells: DefenceCell[] = [];
  const record = (complete: boolean): EvaluationEvent => ({
    kind: "record",
    record: {
      format: "recon-evaluation/1",
      scenario: scenario.id,
      title: options.title,
      victim: scenario.model.name,
      metric: { name: metric!.name, unit: metric!.unit, better: metric!.better },
      levels,
      training: { ...options.training.budget, seeds: options.training.seeds, rates: options.training.rates, accuracy },
      curves,
      cells,
      pairs: complete ? pairsOf(cells, metric!.better, rng(options.seed).split("pairs")) : [],
      complete,
    },
  });
  const total = families.length * levels.length;
  for (const [f, family] of families.entries()) {
    const points = curves.find((curve) => curve.defence === family.name)?.points ?? [];
    for (const [l, level] of levels.entries()) {
      if (signal.aborted) return;
      const done = (f * levels.length + l) / total;
      yield {
        kind: "progress",
        fraction: trainingShare + (1 - trainingShare) * done,
        message: `${family.name} at ${level} points`,
      };
      const found = strengthAtLoss(points, level);
      cells.push(await cellOf(options, family, level, found));
      yield record(cells.length === total);
    }
  }
}

/** Scored by the squared error, which bounds are about; nothing is rendered, since only scores are kept. */
function scoredByError(scenario: Scenario): Scenario {
  const { domain } = scenario.source;
  const metrics = [meanSquaredError(), ...domain.metrics];
  return { ...scenario, source: { ...scenario.source, domain: { ...domain, metrics, render: async () => [] } } };
}

async function cellOf(
  options: EvaluationOptions,
  family: DefenceFamily,
  level: number,
  { strength, note }: ReturnType<typeof strengthAtLoss>,
): Promise<DefenceCell> {
  const noted = note === undefined ? {} : { note };
  if (strength === undefined) {
    return { defence: family.name, level, ...noted, outcomes: [], strongest: {}, missing: {} };
  }
  const defended = { ...options.scenario, defences: family.at(strength) };
  const runs: AttackRun[] = [];
  for (const adaptive of [true, false]) {
    for (const attack of options.scenario.attacks) runs.push(await runAttack(defended, attack, adaptive, options));
  }
  const better = options.scenario.source.domain.metrics[0]!.better;
  const bound = await (options.bound ?? noiseBound)(defended, options);
  const privacy = privacyOf(defended.defences, options.scenario.model, accounted(options.training));
  const floor = runs.find((run) => run.floors.length > 0)?.floors;
  return {
    defence: family.name,
    level,
    strength,
    ...noted,
    outcomes: runs.map((run) => run.outcome),
    strongest: {
      ...strongestOf(runs, true, better),
      ...strongestOf(runs, false, better),
    },
    ...(floor && { floor: bootstrap(floor, { rng: rng(options.seed).split("floor") }) }),
    ...("value" in bound && { bound }),
    ...("epsilon" in privacy && {
      privacy: { epsilon: privacy.epsilon, delta: privacy.delta, assumptions: [...privacy.assumptions, fixedBatches] },
    }),
    missing: {
      ...("reason" in bound && { bound: bound.reason }),
      ...("reasons" in privacy && { privacy: privacy.reasons.join(" ") }),
    },
  };
}

const fixedBatches =
  "Accuracy was measured with batches of fixed size; ε is that of Poisson sampling at the same rate.";

/** The guarantee is that of the training whose accuracy is measured. δ is the usual 1 / (10 n). */
function accounted({ budget, train }: UtilityBudget): AccountedTraining {
  return { batch: budget.batch, records: train, steps: budget.steps, delta: 0.1 / train };
}

interface AttackRun {
  readonly outcome: AttackOutcome;
  readonly floors: readonly number[];
}

/** The flags that tell an attacker of a defence; `victim.ts` hides the defence from whoever lacks them. */
const defenceFlags = ["defenceKind", "defenceParams"];

async function runAttack(
  scenario: Scenario,
  attack: Attack,
  adaptive: boolean,
  { executor, seed, signal }: EvaluationOptions,
): Promise<AttackRun> {
  const others = scenario.known.filter((flag) => !defenceFlags.includes(flag));
  const known = adaptive ? [...others, ...defenceFlags] : others;
  const metric = scenario.source.domain.metrics[0]!.name;
  const scores = Array.from({ length: scenario.trials }, (): number[] => []);
  const floors = Array.from({ length: scenario.trials }, (): number[] => []);
  const options = { executor, seed, signal, diagnosis: false };
  for await (const event of audit([{ ...scenario, known, attacks: [attack] }], options)) {
    if (event.kind !== "result") continue;
    scores[event.record.trial]!.push(event.record.metric[metric]!);
    floors[event.record.trial]!.push(event.record.floor[metric]!);
  }
  const trials = scores.map((items) => (items.length > 0 ? mean(items) : null));
  const done = trials.filter((score): score is number => score !== null && Number.isFinite(score));
  return {
    outcome: {
      attack: attack.name,
      adaptive,
      ...(done.length > 0 && {
        score: bootstrap(done, { rng: rng(seed).split(`interval ${attack.name} ${adaptive}`) }),
      }),
      trials,
      failures: trials.length - done.length,
    },
    floors: floors.filter((items) => items.length > 0).map(mean),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The attack that reconstructs best on average: the least error, or the highest score. */
function strongestOf(
  runs: readonly AttackRun[],
  adaptive: boolean,
  better: "higher" | "lower",
): { readonly adaptive?: string; readonly oblivious?: string } {
  const rank = (outcome: AttackOutcome): number => (better === "lower" ? -1 : 1) * outcome.score!.mean;
  const [best] = runs
    .map((run) => run.outcome)
    .filter((outcome) => outcome.adaptive === adaptive && outcome.score !== undefined)
    .sort((a, b) => rank(b) - rank(a));
  if (best === undefined) return {};
  return adaptive ? { adaptive: best.attack } : { oblivious: best.attack };
}
