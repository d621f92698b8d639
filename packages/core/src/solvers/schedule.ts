import { ReconError } from "../errors.ts";

/** A number that depends on where the run is: step in 0 … steps − 1. */
export type Schedule = (step: number, steps: number) => number;

/** The same rate throughout. */
export function constantRate(rate: number): Schedule {
  return () => positive("rate", rate);
}

export interface StepDecayOptions {
  /** Rate before the first milestone. */
  readonly rate: number;
  /** What each milestone multiplies the rate by. */
  readonly factor?: number;
  /** Divisors d of N; the milestones are the steps floor(N / d). */
  readonly divisors?: readonly number[];
}

/**
 * rate · factorᵏ with k the number of milestones floor(N / d) passed: at about 3/8, 5/8 and 7/8 of the run by default.
 *
 * @see Geiping et al., Inverting Gradients, NeurIPS 2020.
 */
export function stepDecay({ rate, factor = 0.1, divisors = [2.667, 1.6, 1.142] }: StepDecayOptions): Schedule {
  positive("rate", rate);
  positive("factor", factor);
  return (step, steps) => {
    let value = rate;
    for (const divisor of divisors) if (step >= Math.floor(steps / divisor)) value *= factor;
    return value;
  };
}

export interface CosineDecayOptions {
  /** Rate at the top. */
  readonly rate: number;
  /** Steps of linear ascent from rate / warmUp. */
  readonly warmUp?: number;
  /** Rate at the end. */
  readonly final?: number;
}

/** Linear warm-up over w steps, then final + (rate − final)(1 + cos π(step − w)/(N − w)) / 2. */
export function cosineDecay({ rate, warmUp = 0, final = 0 }: CosineDecayOptions): Schedule {
  positive("rate", rate);
  return (step, steps) => {
    if (step < warmUp) return (rate * (step + 1)) / warmUp;
    const progress = (step - warmUp) / Math.max(1, steps - warmUp);
    return final + ((rate - final) * (1 + Math.cos(Math.PI * Math.min(1, progress)))) / 2;
  };
}

function positive(name: string, value: number): number {
  if (!(value > 0 && Number.isFinite(value))) {
    throw new ReconError("bad-option", `Option "${name}" must be a positive number, not ${value}.`);
  }
  return value;
}
