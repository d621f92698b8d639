import type { Arrays } from "@recon/engine";
import type { Json } from "../problem.ts";
import type { Objective } from "./objective.ts";

/**
 * How a run ended.
 *
 * - `converged`: the objective reached its target, or the (projected) gradient its tolerance.
 * - `evaluations spent`: the budget ended first.
 * - `aborted`: the signal fired.
 * - `diverged`: the objective or its gradient left the finite numbers, exploded, or fell without bound.
 * - `stalled`: no further progress could be made although the gradient is not small.
 */
export type Outcome = "converged" | "evaluations spent" | "aborted" | "diverged" | "stalled";

/** A run between two steps, as plain JSON with exact numbers; give it back as `resume` to go on bit for bit. */
export type SavedState = Json;

/** Yielded after every step. */
export interface SolverProgress {
  readonly kind: "progress";
  readonly step: number;
  readonly evaluations: number;
  /** f at the current iterate. */
  readonly value: number;
  /** The least f seen. */
  readonly best: number;
  /** Of the evaluation budget, in [0, 1]. */
  readonly fraction: number;
  /** Milliseconds since this run or its resumption began. */
  readonly elapsedMs: number;
  /** Expected milliseconds until the budget is spent, at the pace so far. */
  readonly remainingMs: number;
  /** The state after this step. Call it before asking for the next event: the run goes on in the same memory. */
  save(): SavedState;
}

/** The last event of every run: a verdict, never an exception. */
export interface SolverResult {
  readonly kind: "result";
  readonly outcome: Outcome;
  /** The outcome in a sentence. */
  readonly reason: string;
  /** The iterate with the least objective, or the last one evaluated where the solver was told so. */
  readonly x: Arrays;
  /** f(x); not finite only when no finite value was ever seen. */
  readonly value: number;
  readonly steps: number;
  readonly evaluations: number;
  readonly state: SavedState;
}

export type SolverEvent = SolverProgress | SolverResult;

/** What every solver is given. */
export interface Minimisation {
  readonly objective: Objective;
  readonly start: Arrays;
  /** Budget of objective evaluations. */
  readonly evaluations: number;
  readonly signal?: AbortSignal;
  /** Go on from here instead of from `start`, which then only gives names and shapes. */
  readonly resume?: SavedState;
}

/** A method of minimisation. Deterministic: equal problems give equal events, times apart. */
export interface Solver {
  readonly name: string;
  readonly options: Json;
  minimise(problem: Minimisation): AsyncGenerator<SolverEvent, void>;
}

/** Runs to the end and returns the result; `onStep` sees every step. */
export async function finish(
  events: AsyncIterable<SolverEvent>,
  onStep?: (progress: SolverProgress) => void,
): Promise<SolverResult> {
  for await (const event of events) {
    if (event.kind === "result") return event;
    onStep?.(event);
  }
  throw new Error("A solver must end with a result.");
}
