import type { Arrays } from "@recon/engine";
import { ReconError } from "../errors.ts";
import type { Rng } from "../random.ts";
import type { Objective } from "./objective.ts";
import { startPace } from "./pace.ts";
import type { Outcome, Solver, SolverProgress, SolverResult } from "./solver.ts";

export interface RestartsOptions {
  readonly solver: Solver;
  /** Number of starts n; each gets an equal share of the evaluations. */
  readonly restarts: number;
  readonly objective: Objective;
  /** A random start; each restart draws from its own stream, so that one start never shifts another. */
  readonly start: (rng: Rng, restart: number) => Arrays;
  readonly rng: Rng;
  /** Budget of evaluations over all starts, with one a start for its rank. */
  readonly evaluations: number;
  /** What the starts are ranked by: the discrepancy alone, without priors, so that a smooth wrong answer cannot win. */
  readonly discrepancy: (x: Arrays) => Promise<number>;
  /** Stop as soon as a start's discrepancy is at most this. */
  readonly target?: number;
  readonly signal?: AbortSignal;
}

/** How one start went. */
export interface RestartRecord {
  readonly restart: number;
  readonly outcome: Outcome;
  readonly reason: string;
  /** The objective, priors included. */
  readonly value: number;
  readonly discrepancy: number;
  readonly evaluations: number;
}

/** Progress of one start within the whole: `fraction`, the times and `evaluations` are those of all starts. */
export interface RestartProgress extends Omit<SolverProgress, "save"> {
  readonly restart: number;
  readonly restarts: number;
}

/** The start with the least discrepancy, and what became of each. */
export interface RestartsResult extends Omit<SolverResult, "state"> {
  readonly discrepancy: number;
  /** Which start won. */
  readonly restart: number;
  readonly starts: readonly RestartRecord[];
}

/**
 * Runs a solver from n random starts and keeps the one with the least discrepancy; stops early when the target is reached.
 *
 * An abort ends the current start, ranks it and returns the best so far.
 *
 * @throws ReconError `bad-option` when n is below 1 or the budget gives a start fewer than two evaluations.
 */
export async function* restarts(options: RestartsOptions): AsyncGenerator<RestartProgress | RestartsResult, void> {
  const { solver, restarts: count, target = Number.NEGATIVE_INFINITY, signal } = options;
  const share = Math.floor(options.evaluations / count) - 1;
  if (!Number.isInteger(count) || count < 1) {
    throw new ReconError("bad-option", `Option "restarts" must be a whole number of at least 1, not ${count}.`);
  }
  if (!(share >= 1)) {
    const least = 2 * count;
    throw new ReconError(
      "bad-option",
      `${count} restarts need at least ${least} evaluations, not ${options.evaluations}.`,
    );
  }
  const pace = startPace(0);
  const starts: RestartRecord[] = [];
  let winner: { readonly result: SolverResult; readonly discrepancy: number; readonly restart: number } | undefined;
  let used = 0;
  let steps = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let restart = 0; restart < count && (restart === 0 || !signal?.aborted); restart++) {
    const start = options.start(options.rng.split(`restart ${restart}`), restart);
    const problem = { objective: options.objective, start, evaluations: share, ...(signal && { signal }) };
    for await (const event of solver.minimise(problem)) {
      if (event.kind === "progress") {
        const { save: _save, ...progress } = event;
        least = Math.min(least, event.best);
        const timing = pace.at(restart * (share + 1) + event.evaluations, options.evaluations);
        yield { ...progress, ...timing, best: least, evaluations: used + event.evaluations, restart, restarts: count };
        continue;
      }
      // A start that never saw a finite value cannot be ranked.
      const ranked = Number.isFinite(event.value);
      const discrepancy = ranked ? finiteOrInfinite(await options.discrepancy(event.x)) : Number.POSITIVE_INFINITY;
      const spent = event.evaluations + (ranked ? 1 : 0);
      used += spent;
      steps += event.steps;
      const { outcome, reason, value } = event;
      starts.push({ restart, outcome, reason, value, discrepancy, evaluations: spent });
      if (winner === undefined || discrepancy < winner.discrepancy) winner = { result: event, discrepancy, restart };
    }
    if (winner !== undefined && winner.discrepancy <= target) break;
  }
  const { result, discrepancy, restart } = winner!;
  const reached = discrepancy <= target;
  const outcome = reached ? "converged" : signal?.aborted ? "aborted" : result.outcome;
  const which = `Start ${restart + 1} of ${starts.length} tried (${count} planned) has the least discrepancy, ${discrepancy}.`;
  const ending = reached ? "It reached the target." : result.reason;
  const reason = count === 1 ? ending : `${which} ${ending}`;
  const { x, value } = result;
  yield { kind: "result", outcome, reason, x, value, steps, evaluations: used, discrepancy, restart, starts };
}

function finiteOrInfinite(value: number): number {
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}
