import { EngineError } from "../errors.ts";
import type { StepPosition } from "./optimiser.ts";

/** A learning rate that depends on where the run is: step in 0 … steps − 1. */
export type Schedule = (step: number, steps: number) => number;

/** The same rate throughout. @throws EngineError `bad-option` unless it is positive. */
export function constantRate(rate: number): Schedule {
  positive("rate", rate);
  return () => rate;
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
 * @throws EngineError `bad-option` unless rate and factor are positive.
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

/**
 * Linear warm-up over w steps, then final + (rate − final)(1 + cos π(step − w)/(N − w)) / 2.
 *
 * @throws EngineError `bad-option` unless the rate is positive.
 * @see Loshchilov and Hutter, SGDR, ICLR 2017, equation 5, without restarts.
 */
export function cosineDecay({ rate, warmUp = 0, final = 0 }: CosineDecayOptions): Schedule {
  positive("rate", rate);
  return (step, steps) => {
    if (step < warmUp) return (rate * (step + 1)) / warmUp;
    const progress = (step - warmUp) / Math.max(1, steps - warmUp);
    return final + ((rate - final) * (1 + Math.cos(Math.PI * Math.min(1, progress)))) / 2;
  };
}

/** A fixed rate or a schedule, as a function of the position. */
export function rateAt(rate: number | Schedule): (at: StepPosition) => number {
  const schedule = typeof rate === "number" ? constantRate(rate) : rate;
  return ({ step, steps }) => schedule(step, steps);
}

function positive(name: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value)))
    throw new EngineError("bad-option", `Option "${name}" must be a positive number, not ${value}.`);
}
