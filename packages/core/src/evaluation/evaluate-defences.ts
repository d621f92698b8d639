import type { Executor } from "@recon/engine";
import type { Bound } from "../bounds/bound.ts";
import { ReconError } from "../errors.ts";
import { meanSquaredError } from "../metrics/mean-squared-error.ts";
import type { Defence, Metric } from "../problem.ts";
import { rng } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import { type CellSetting, defenceCell, placeOf } from "./defence-cell.ts";
import { strengthAtLoss } from "./equal-utility.ts";
import type { DefenceCell, EvaluationRecord, UtilityCurve } from "./evaluation-record.ts";
import { pairsOf } from "./paired-defences.ts";
import { type UtilityBudget, utilityCurves } from "./utility-curves.ts";

/** One defence with one option that is swept. */
export interface DefenceFamily {
  readonly name: string;
  /** The option. */
  readonly parameter: string;
  /** Its values, in order of growing protection. */
  readonly strengths: readonly number[];
  /**
   * The defence at a strength, for a message that holds `batch` samples. A sum of clipped gradients is divided by it, so that training on large batches and attacking
   * a message of one mean the same noise beside a sample: the attacker who knows the rest of the batch.
   */
  at(strength: number, batch: number): readonly Defence[];
  /** Step sizes in place of the training's own: gradients that are clipped take larger ones. */
  readonly rates?: readonly number[];
  /** Guarantees that are measured besides the levels; the swept option is then the noise multiplier, which is chosen for each. */
  readonly epsilons?: readonly number[];
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
  /** What attacks are scored by; the mean squared error unless said, which is what bounds are about. */
  readonly metric?: Metric;
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
  const scenario = scoredBy(given.metric ?? meanSquaredError(), given.scenario);
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
  const settings = families.flatMap((family, f) => settingsOf(family, curves[f]!, options));
  for (const [done, setting] of settings.entries()) {
    if (signal.aborted) return;
    const at = setting.epsilon === undefined ? `${setting.level} points` : `epsilon ${setting.epsilon}`;
    yield {
      kind: "progress",
      fraction: trainingShare + ((1 - trainingShare) * done) / settings.length,
      message: `${setting.family.name} at ${at}`,
    };
    // A strongest or whole setting may serve several levels; what attacks leave of it is the same.
    const same = cells.find((cell) => cell.defence === setting.family.name && cell.strength === setting.strength);
    cells.push(same?.strength === undefined ? await defenceCell(options, setting) : { ...same, ...placeOf(setting) });
    yield record(cells.length === settings.length);
  }
}

/** The cells of one family: its strength at each level, and its guarantees. */
function settingsOf(
  family: DefenceFamily,
  curve: UtilityCurve,
  { levels, training }: EvaluationOptions,
): readonly CellSetting[] {
  return [
    ...levels.map((level) => {
      const found = strengthAtLoss(curve.points, level);
      if (found.strength === undefined) return { family, level, note: found.note };
      return { family, level, ...found, strength: takenStrength(family, found.strength, training.budget.batch) };
    }),
    ...(curve.guarantees ?? []).map(({ strength, loss, epsilon }) => ({ family, level: loss, strength, epsilon })),
  ];
}

/** An option that takes whole numbers only, such as a number of bits, is not interpolated. */
function takenStrength(family: DefenceFamily, strength: number, batch: number): number {
  try {
    family.at(strength, batch);
    return strength;
  } catch (error) {
    if (!(error instanceof ReconError) || error.code !== "bad-option") throw error;
    return Math.round(strength);
  }
}

/** Nothing is rendered, since only scores are kept. */
function scoredBy(metric: Metric, scenario: Scenario): Scenario {
  const { domain } = scenario.source;
  const metrics = [metric, ...domain.metrics];
  return { ...scenario, source: { ...scenario.source, domain: { ...domain, metrics, render: async () => [] } } };
}
