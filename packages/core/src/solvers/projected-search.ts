import type { FlatEvaluation } from "./evaluator.ts";

/** A point of a search along a projected path. */
export interface ProjectedPoint {
  readonly x: Float64Array;
  readonly evaluation: FlatEvaluation;
}

export interface ProjectedSearchResult {
  readonly kind: "accepted" | "failed" | "stopped";
  readonly point: ProjectedPoint | undefined;
}

export interface ProjectedSearchOptions {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  readonly direction: Float64Array;
  readonly firstStep: number;
  readonly project: (x: Float64Array) => void;
  readonly evaluate: (x: Float64Array) => Promise<FlatEvaluation | undefined>;
  readonly decrease: number;
  readonly valueTolerance: number;
  readonly maxEvaluations: number;
}

/**
 * Backtracking along the bent path P(x + α d) until f(P) ≤ f + c₁ ∇f · (P − x): the Armijo rule for boxes.
 *
 * @see Bertsekas, Projected Newton methods, SIAM J. Control Optim. 20 (1982).
 */
export async function projectedSearch(options: ProjectedSearchOptions): Promise<ProjectedSearchResult> {
  const { x, value, gradient, direction, project, evaluate } = options;
  const rounding = options.valueTolerance * Math.abs(value);
  let step = options.firstStep;
  for (let made = 0; made < options.maxEvaluations; made++) {
    const moved = new Float64Array(x.length);
    for (let i = 0; i < x.length; i++) moved[i] = x[i]! + step * direction[i]!;
    project(moved);
    let slope = 0;
    let changed = false;
    for (let i = 0; i < x.length; i++) {
      slope += gradient[i]! * (moved[i]! - x[i]!);
      changed ||= moved[i] !== x[i];
    }
    if (!changed) return { kind: "failed", point: undefined };
    const evaluation = await evaluate(moved);
    if (evaluation === undefined) return { kind: "stopped", point: undefined };
    const low = evaluation.finite && slope < 0 && evaluation.value <= value + options.decrease * slope;
    const flat = evaluation.finite && slope < 0 && -slope <= rounding && evaluation.value <= value;
    if (low || flat) return { kind: "accepted", point: { x: moved, evaluation } };
    step *= shrink(value, slope, evaluation);
  }
  return { kind: "failed", point: undefined };
}

/** How much shorter the next step is: the minimiser of the parabola through what is known, within [.1, .5]. */
function shrink(value: number, slope: number, { value: reached, finite }: FlatEvaluation): number {
  if (!finite) return 0.1;
  const guess = -slope / (2 * (reached - value - slope));
  return Number.isFinite(guess) ? Math.min(Math.max(guess, 0.1), 0.5) : 0.5;
}
