import { type DescentOptions, minimise } from "./minimise.ts";
import type { Solver } from "./solver.ts";

/** First-order minimisation as a solver: every evaluation of the budget is one step x ← P(x − update(∇f(x))). */
export function descent(options: DescentOptions): Solver {
  return {
    name: `descent: ${options.update.name}`,
    options: { update: options.update.options, keepBest: options.keepBest ?? true },
    minimise: ({ evaluations, ...problem }) => minimise({ ...problem, ...options, steps: evaluations }),
  };
}
