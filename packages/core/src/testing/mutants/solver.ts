import { descent } from "../../solvers/descent.ts";
import { lbfgs } from "../../solvers/lbfgs.ts";
import { scale } from "../../solvers/scale.ts";
import type { Solver, SolverEvent, SolverResult } from "../../solvers/solver.ts";
import type { Mutant } from "./mutant.ts";

/** A right solver whose events are tampered with. */
function tampered(change: (result: SolverResult) => SolverResult): () => Solver {
  const right = lbfgs();
  return () => ({
    ...right,
    async *minimise(problem): AsyncGenerator<SolverEvent, void> {
      for await (const event of right.minimise(problem)) yield event.kind === "result" ? change(event) : event;
    },
  });
}

let runs = 0;

/** Solvers that are wrong on purpose, each with the law that catches it. */
export const solverMutants: readonly Mutant<Solver>[] = [
  {
    name: "climbs instead of descending",
    law: "finds known minima",
    make: () => {
      const right = lbfgs();
      const up = (problem: Parameters<Solver["minimise"]>[0]): Parameters<Solver["minimise"]>[0] => ({
        ...problem,
        objective: async (x) => {
          const { value, gradient } = await problem.objective(x);
          const flipped = Object.entries(gradient).map(([name, g]) => [
            name,
            { shape: g.shape, data: Float64Array.from(g.data, (v) => -v) },
          ]);
          return { value, gradient: Object.fromEntries(flipped) };
        },
      });
      return { ...right, minimise: (problem) => right.minimise(up(problem)) };
    },
  },
  {
    name: "always says converged",
    law: "says converged only where the gradient vanishes or the target is reached",
    make: tampered((result) => ({ ...result, outcome: "converged" })),
  },
  {
    name: "hides divergence",
    law: "an honest verdict on problems that diverge, never an exception",
    make: tampered((result) => (result.outcome === "diverged" ? { ...result, outcome: "converged" } : result)),
  },
  {
    name: "forgets its curvature when it is saved",
    law: "resuming from a saved state equals an uninterrupted run, bit for bit",
    make: tampered((result) => ({ ...result, state: { ...(result.state as object), s: [], y: [], rho: [] } })),
  },
  {
    name: "saves the state of another step",
    law: "a state saved at any step resumes to the same end",
    make: () => {
      const right = lbfgs();
      return {
        ...right,
        async *minimise(problem): AsyncGenerator<SolverEvent, void> {
          for await (const event of right.minimise(problem)) {
            const state = (): ReturnType<typeof lose> => lose(event);
            yield event.kind === "progress" ? { ...event, save: state } : event;
          }
        },
      };
    },
  },
  {
    name: "is deaf to the signal",
    law: "an abort is honoured within a step and reported as one",
    make: () => {
      const right = lbfgs();
      return { ...right, minimise: ({ signal: _signal, ...problem }) => right.minimise(problem) };
    },
  },
  {
    name: "takes twice its budget",
    law: "counts every evaluation and keeps to the budget",
    make: () => {
      const right = descent({ update: scale(1e-4) });
      return { ...right, minimise: (problem) => right.minimise({ ...problem, evaluations: 2 * problem.evaluations }) };
    },
  },
  {
    name: "reports a better value than it has",
    law: "the value is the objective at x, and no worse than the start",
    make: tampered((result) => ({ ...result, value: result.value / 2 - 1e-9 })),
  },
  {
    name: "goes another way every time",
    law: "deterministic, and leaves the start as it was",
    make: () => {
      const right = lbfgs();
      return {
        ...right,
        minimise: (problem) => {
          runs++;
          const start = Object.entries(problem.start).map(([name, { shape, data }]) => [
            name,
            { shape, data: Float64Array.from(data, (v) => v + 1e-9 * runs) },
          ]);
          return right.minimise({ ...problem, start: Object.fromEntries(start) });
        },
      };
    },
  },
  {
    name: "works in the caller's memory",
    law: "deterministic, and leaves the start as it was",
    make: () => {
      const right = lbfgs();
      return {
        ...right,
        async *minimise(problem): AsyncGenerator<SolverEvent, void> {
          for await (const event of right.minimise(problem)) {
            if (event.kind === "result")
              for (const [name, { data }] of Object.entries(event.x)) problem.start[name]!.data.set(data);
            yield event;
          }
        },
      };
    },
  },
];

function lose(
  event: SolverEvent,
): { readonly [key: string]: never } | ReturnType<Extract<SolverEvent, { kind: "progress" }>["save"]> {
  if (event.kind === "result") return {};
  return { ...(event.save() as object), s: [], y: [], rho: [] };
}
