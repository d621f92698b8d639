import { flatten, type Layout, unflatten } from "./layout.ts";
import type { Objective } from "./objective.ts";

/** f and ∇f at a flat x. */
export interface FlatEvaluation {
  readonly value: number;
  readonly gradient: Float64Array;
  /** Whether the value and every entry of the gradient are finite. */
  readonly finite: boolean;
}

/** An objective over flat vectors that counts its calls. `undefined` means that the signal fired. */
export interface Evaluator {
  (x: Float64Array): Promise<FlatEvaluation | undefined>;
  count: number;
}

/** An objective that never waits would starve timers and signals, so the event loop gets a turn this often. */
const breathEveryMs = 40;

/** Wraps an objective for flat vectors; honours the signal before and after each call. */
export function evaluatorOf(objective: Objective, layout: Layout, signal: AbortSignal | undefined): Evaluator {
  let breathed = performance.now();
  const evaluate = async (x: Float64Array): Promise<FlatEvaluation | undefined> => {
    if (performance.now() - breathed > breathEveryMs) {
      await new Promise((resolve) => setImmediate(resolve));
      breathed = performance.now();
    }
    if (signal?.aborted) return undefined;
    evaluator.count++;
    try {
      const { value, gradient } = await objective(unflatten(x, layout));
      // A point evaluated while the signal fired is not used: where a run stops depends on completed steps alone.
      if (signal?.aborted) return undefined;
      const flat = flatten(gradient, layout);
      return { value, gradient: flat, finite: Number.isFinite(value) && allFinite(flat) };
    } catch (error) {
      if (signal?.aborted) return undefined;
      throw error;
    }
  };
  const evaluator: Evaluator = Object.assign(evaluate, { count: 0 });
  return evaluator;
}

function allFinite(x: Float64Array): boolean {
  // 0 · x is 0 for finite x and NaN otherwise, so one sum decides without a branch an element.
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += 0 * x[i]!;
  return sum === 0;
}
