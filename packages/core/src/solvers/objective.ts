import type { Arrays } from "@recon/engine";

/** One evaluation: f(x) and ∇f(x), the gradient under the names and shapes of x. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: Arrays;
}

/**
 * What a solver minimises; one call is one evaluation of the budget.
 *
 * It may answer NaN or ±Infinity, which ends a run honestly as `diverged` (or shortens a line search). What it throws
 * reaches the caller, except when the run's signal has been aborted.
 */
export type Objective = (x: Arrays) => Promise<Evaluation>;
