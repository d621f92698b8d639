import type { NdArray } from "@recon/engine";
import { type LayerInput, layerInput } from "./layer-input.ts";
import type { CausalLayer } from "./residual-blocks.ts";
import { rootMeanSquare } from "./root-mean-square.ts";
import { rowMisfit } from "./row-misfit.ts";
import { convolved, type Signal } from "./signal.ts";
import { subsetSums } from "./subset-sums.ts";

export interface InnerErrorsOptions {
  /** Error signal behind the ReLU, zero where it is known to stop. */
  readonly outer: Signal;
  readonly layer: CausalLayer;
  readonly weight: NdArray;
  readonly bias: NdArray;
  readonly weightGradient: NdArray;
  readonly biasGradient: NdArray;
  /** Relative rounding of the observation. */
  readonly rounding: number;
  /** What came out of the ReLU, where that is known, with the standard deviation of every step. */
  readonly through?: Signal;
  readonly stds?: Float64Array;
}

/** The error signal before a ReLU, and what entered the layer before it. */
export interface InnerErrors {
  readonly error: Signal;
  readonly input: LayerInput;
}

/** Tolerances of the sum of a bias gradient, in units of rounding of the sum of its terms' sizes; the least that has an answer is taken. */
const tolerances = [2, 8, 32, 128];
const sure = 20;
/** Equations of an output that are met this much worse than the others' belong to a wrong answer. */
const outlier = 10;
const rounds = 30;
/** Misfit of the weight gradient, in units of its rounding, up to which the answers are taken to be right. */
const mostMisfit = 100;

/**
 * Where a ReLU behind a causal convolution lets the error through.
 *
 * The bias gradient of output o is the sum of the errors at those steps where it does: of the few thousands or millions of subsets, few have that sum. Outputs that
 * leave no choice determine what entered the layer, and with it the sign of every z, by which the others choose; and so on, until nothing changes.
 */
export function innerErrors(options: InnerErrorsOptions): InnerErrors | { readonly reason: string } {
  const { outer, layer, weight, bias, weightGradient, rounding } = options;
  const noise = rounding * rootMeanSquare(weightGradient);
  const choices = options.through === undefined ? choicesBySum(options) : undefined;
  let error = choices === undefined ? errorByValues(options) : { ...outer, data: firstChoice(outer, choices) };
  const all = Array.from({ length: outer.channels }, (_, o) => o);
  const alone = choices && all.filter((o) => choices[o]?.length === 1);
  let input = solved(options, error, noise, alone ?? all) ?? solved(options, error, noise, all);
  // First by the choices, then by the signs alone: a wrong subset can have the sum to within its tolerance, and the right one miss it.
  for (const chosen of [choices, undefined]) {
    for (let round = 0; round < rounds && input !== undefined; round++) {
      const z = convolved(input.value, layer, weight, bias, outer.steps);
      const next: Signal = {
        ...outer,
        data: chosen === undefined ? bySigns(outer, z) : nearestChoice(outer, chosen, z),
      };
      const settled = next.data.every((value, i) => value === error.data[i]);
      error = next;
      input = solved(options, error, noise, all);
      if (settled) break;
    }
  }
  if (input === undefined)
    return { reason: "the weight gradient does not determine what entered its second convolution" };
  const whole = layerInput(weightGradient, error, layer, noise);
  if (whole === undefined || whole.residual > mostMisfit * rounding) {
    const clear =
      alone === undefined
        ? ""
        : `: ${alone.length} of ${outer.channels} channels say by their bias gradient alone where they are on`;
    return { reason: `no choice of switches behind its second convolution explains the gradient${clear}` };
  }
  return { error, input: whole };
}

/** What entered the layer, by the outputs whose equations agree. */
function solved(
  options: InnerErrorsOptions,
  error: Signal,
  noise: number,
  rows: readonly number[],
): LayerInput | undefined {
  const { weightGradient, layer } = options;
  const first = layerInput(weightGradient, error, layer, noise, rows);
  if (first === undefined) return undefined;
  return layerInput(weightGradient, error, layer, noise, withoutOutliers(options, error, first.value, rows)) ?? first;
}

/** The error before a ReLU of which it is known what came out. */
export function errorByValues({
  outer,
  through,
  stds,
}: Pick<InnerErrorsOptions, "outer" | "through" | "stds">): Signal {
  const n = outer.steps.length;
  return { ...outer, data: outer.data.map((value, i) => (through!.data[i]! > sure * stds![i % n]! ? value : 0)) };
}

const bySigns = (outer: Signal, z: Signal): Float64Array => outer.data.map((value, i) => (z.data[i]! > 0 ? value : 0));

/** The subsets of steps, as places in the data of the signal, whose errors have the sum that the bias gradient shows; undefined where they cannot be listed. */
type Choices = readonly (readonly (readonly number[])[] | undefined)[];

function choicesBySum({ outer, biasGradient, rounding }: InnerErrorsOptions): Choices {
  const n = outer.steps.length;
  // Errors are sums over channels, with the rounding of their terms and not of what is left of them.
  const largest = outer.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Array.from({ length: outer.channels }, (_, o) => {
    const places = Array.from({ length: n }, (_, i) => o * n + i).filter((at) => outer.data[at] !== 0);
    const items = places.map((at) => outer.data[at]!);
    const scale = rounding * items.reduce((sum, item) => sum + Math.abs(item), largest);
    for (const width of tolerances) {
      const answers = subsetSums(items, biasGradient.data[o]!, width * scale);
      if (answers === undefined) return undefined;
      if (answers.length > 0) return answers.map((bits) => places.filter((_, i) => bits[i]));
    }
    return undefined;
  });
}

/** Of every output the choice with the fewest switches from step to step; on throughout where there is none. */
function firstChoice(outer: Signal, choices: Choices): Float64Array {
  return pick(outer, choices, (on) => {
    let switches = 0;
    for (let i = 1; i < outer.steps.length; i++) if (on[i] !== on[i - 1]) switches++;
    return switches;
  });
}

/** Of every output the choice that is at odds with the least of z; the signs of z where there is none. */
function nearestChoice(outer: Signal, choices: Choices, z: Signal): Float64Array {
  const n = outer.steps.length;
  const signs = bySigns(outer, z);
  const data = pick(outer, choices, (on, o) =>
    on.reduce((total, value, i) => {
      const at = o * n + i;
      return total + (outer.data[at] !== 0 && value !== z.data[at]! > 0 ? Math.abs(z.data[at]!) : 0);
    }, 0),
  );
  choices.forEach((choice, o) => {
    if (choice === undefined) data.set(signs.subarray(o * n, (o + 1) * n), o * n);
  });
  return data;
}

function pick(outer: Signal, choices: Choices, cost: (on: boolean[], o: number) => number): Float64Array {
  const n = outer.steps.length;
  const data = Float64Array.from(outer.data);
  choices.forEach((choice, o) => {
    if (choice === undefined) return;
    const patterns = choice.map((places) => {
      const on = new Array<boolean>(n).fill(false);
      for (const at of places) on[at - o * n] = true;
      return on;
    });
    const costs = patterns.map((on) => cost(on, o));
    const best = patterns[costs.indexOf(Math.min(...costs))]!;
    best.forEach((value, i) => {
      if (!value) data[o * n + i] = 0;
    });
  });
  return data;
}

/** The rows whose equations agree with what the others say entered the layer. */
function withoutOutliers(
  { weightGradient, layer, rounding }: InnerErrorsOptions,
  error: Signal,
  input: Signal,
  rows: readonly number[],
): readonly number[] {
  const misfits = rows.map((o) => rowMisfit(weightGradient, error, layer, input, o));
  // Outputs that are off everywhere have no equations, and nothing to disagree with.
  const present = misfits.filter((misfit) => misfit > 0).sort((a, b) => a - b);
  const middle = Math.max(present[present.length >> 1] ?? 0, outlier * rounding);
  return rows.filter((_, i) => misfits[i]! <= outlier * middle);
}
