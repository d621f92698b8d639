import { stack } from "../arrays.ts";
import { ReconError } from "../errors.ts";
import type { Defence, OpenData } from "../problem.ts";
import { type Rng, rng } from "../random.ts";
import { defendedAccuracy, type LabelledItems } from "./defended-training.ts";
import { nonDecreasing } from "./equal-utility.ts";
import type { EvaluationOptions } from "./evaluate-defences.ts";
import type { UtilityCurve } from "./evaluation-record.ts";
import { noiseForEpsilons } from "./noise-for-epsilon.ts";

/** How utility is measured: accuracy after a fixed training budget with the defence on. */
export interface UtilityBudget {
  readonly budget: { readonly steps: number; readonly batch: number };
  /** Step sizes that each setting is tried with; the best counts, since a defence must not lose for want of tuning. */
  readonly rates: readonly number[];
  readonly seeds: number;
  /** Items trained on, and items held out. */
  readonly train: number;
  readonly test: number;
}

export type UtilityEvent = { readonly fraction: number; readonly message: string } & (
  | { readonly kind: "baseline"; readonly accuracy: number }
  | { readonly kind: "setting" }
  | { readonly kind: "curve"; readonly curve: UtilityCurve }
);

/**
 * Measures what every strength of every family costs, and every guarantee. The accuracy without a defence comes first.
 *
 * @throws ReconError `too-few-items`, `no-utility`, and what `noiseForEpsilons` throws, before any training.
 */
export async function* utilityCurves(options: EvaluationOptions): AsyncGenerator<UtilityEvent, void> {
  const { families, scenario, training } = options;
  const random = rng(options.seed).split("utility");
  const items = await splitItems(await scenario.source.open(), training, random.split("items"));
  const multipliers = families.map((family) => noiseForEpsilons(family, scenario.model, training));
  const settings = 1 + families.reduce((n, { strengths, epsilons = [] }) => n + strengths.length + epsilons.length, 0);
  let done = 0;
  const next = (): number => ++done / settings;
  const plain = await bestAccuracies(options, [], training.rates, items, random);
  const baseline = mean(plain.accuracies);
  yield {
    kind: "baseline",
    accuracy: baseline,
    fraction: next(),
    message: `without a defence: ${baseline.toFixed(1)} %`,
  };
  for (const [f, family] of families.entries()) {
    const { name, parameter, strengths, epsilons = [] } = family;
    const all = [...strengths, ...multipliers[f]!];
    const measured: Measured[] = [];
    for (const [i, strength] of all.entries()) {
      const result = await bestAccuracies(
        options,
        family.at(strength, training.budget.batch),
        family.rates ?? training.rates,
        items,
        random,
      );
      measured.push({ strength, ...result });
      const setting = i < strengths.length ? `${parameter} ${strength}` : `epsilon ${epsilons[i - strengths.length]}`;
      const message = `training with ${name}, ${setting}: ${mean(result.accuracies).toFixed(1)} %`;
      yield { kind: "setting", fraction: next(), message };
    }
    const swept = withLosses(measured.slice(0, strengths.length), baseline);
    // More noise cannot cost less here either: the guarantees from weak to strong.
    const guarantees = withLosses(
      measured
        .slice(strengths.length)
        .map((point, i) => ({ ...point, epsilon: epsilons[i]! }))
        .sort((a, b) => a.strength - b.strength),
      baseline,
    );
    yield {
      kind: "curve",
      curve: { defence: name, parameter, points: swept, ...(guarantees.length > 0 && { guarantees }) },
      fraction: done / settings,
      message: name,
    };
  }
}

interface Measured {
  readonly strength: number;
  readonly accuracies: readonly number[];
  readonly rate: number;
}

function withLosses<T extends Measured>(measured: readonly T[], baseline: number): (T & { readonly loss: number })[] {
  const losses = nonDecreasing(measured.map(({ accuracies }) => baseline - mean(accuracies)));
  return measured.map((point, i) => ({ ...point, loss: Math.max(0, losses[i]!) }));
}

/** Accuracies of all seeds at the step size that is best on average. Equal seeds see equal batches, with every defence. */
async function bestAccuracies(
  { scenario, training, executor, signal }: EvaluationOptions,
  defences: readonly Defence[],
  rates: readonly number[],
  items: { readonly train: LabelledItems; readonly test: LabelledItems },
  random: Rng,
): Promise<{ readonly accuracies: readonly number[]; readonly rate: number }> {
  let best: { accuracies: readonly number[]; rate: number } | undefined;
  for (const rate of rates) {
    const accuracies: number[] = [];
    for (let seed = 0; seed < training.seeds; seed++) {
      accuracies.push(
        await defendedAccuracy({
          model: scenario.model,
          operator: scenario.operator,
          defences,
          ...items,
          budget: { ...training.budget, rate },
          executor,
          rng: random.split(`seed ${seed}`),
          signal,
        }),
      );
    }
    if (best === undefined || mean(accuracies) > mean(best.accuracies)) best = { accuracies, rate };
  }
  return best!;
}

async function splitItems(
  data: OpenData,
  { train, test }: UtilityBudget,
  random: Rng,
): Promise<{ readonly train: LabelledItems; readonly test: LabelledItems }> {
  if (data.size < train + test) {
    throw new ReconError(
      "too-few-items",
      `Measuring utility takes ${train} items to train on and ${test} to test on; the data holds ${data.size}. Lower the numbers or add data.`,
    );
  }
  const order = random.permutation(data.size);
  const gather = async (indices: readonly number[]): Promise<LabelledItems> => {
    const items = await Promise.all(indices.map((index) => data.item(index)));
    return { input: stack(items.map((item) => item.input)), target: stack(items.map((item) => item.target)) };
  };
  return { train: await gather(order.slice(0, train)), test: await gather(order.slice(train, train + test)) };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
