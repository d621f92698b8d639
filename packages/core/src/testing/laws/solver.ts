import type { Arrays } from "@recon/engine";
import type { Rng } from "../../random.ts";
import type { Objective } from "../../solvers/objective.ts";
import type { Minimisation, Solver, SolverEvent, SolverResult } from "../../solvers/solver.ts";
import { demand, type Law } from "../law.ts";
import { type KnownMinimum, knownMinima, vector, vectorObjective } from "../minima.ts";
import type { Repetition } from "../register.ts";
import { copyArrays, demandEqual, demandFinite, demandJson } from "../snapshot.ts";

export interface SolverLawOptions extends Repetition {
  /** Evaluations the solver gets on every problem of the table. */
  readonly evaluations: number;
  /** Largest f(x̂) − min f that counts as solved. */
  readonly tolerance: number;
  /** Problems of the table that the method is not meant to solve; it must still be honest about them. */
  readonly unsolved?: readonly string[];
  /** Whether the solver keeps x in a bounded set, where no objective falls without bound. */
  readonly bounded?: boolean;
}

type SolverLaw = Law<Solver, SolverLawOptions>;

/** Everything a run showed, and how often the objective was asked. */
interface Watched {
  readonly result: SolverResult;
  readonly events: readonly SolverEvent[];
  readonly calls: number;
}

async function watch(solver: Solver, problem: Minimisation): Promise<Watched> {
  let calls = 0;
  const objective: Objective = (x) => {
    calls++;
    return problem.objective(x);
  };
  const events: SolverEvent[] = [];
  for await (const event of solver.minimise({ ...problem, objective })) events.push(event);
  const results = events.filter((event): event is SolverResult => event.kind === "result");
  demand(results.length === 1 && events.at(-1)?.kind === "result", "A run must end with exactly one result.");
  return { result: results[0]!, events, calls };
}

function asProblem({ start, objective }: KnownMinimum, evaluations: number): Minimisation {
  return { start, objective, evaluations };
}

/** A problem of the table, from a drawn start nearby. */
function drawProblem(rng: Rng, evaluations: number): Minimisation {
  const known = knownMinima[rng.integer(knownMinima.length)]!;
  const start = { x: vector(Array.from(known.start.x!.data, (value) => value + 0.3 * rng.normal())) };
  return { start, objective: known.objective, evaluations };
}

const solvesTable: SolverLaw = {
  name: "finds known minima",
  check: async (make, { evaluations, tolerance, unsolved = [] }) => {
    for (const known of knownMinima) {
      if (unsolved.includes(known.name)) continue;
      const { result } = await watch(make(), asProblem(known, evaluations));
      const excess = result.value - known.minimum;
      demand(excess <= tolerance, `${known.name}: the value is ${excess} above its minimum, more than ${tolerance}.`);
      const distances = known.minimisers.map((m) => Math.hypot(...m.map((v, i) => v - result.x.x!.data[i]!)));
      demand(Math.min(...distances) < 1, `${known.name}: x is ${Math.min(...distances)} away from every minimiser.`);
    }
  },
};

const honestConvergence: SolverLaw = {
  name: "says converged only where the gradient vanishes or the target is reached",
  check: async (make, { evaluations }, rng) => {
    const problem = drawProblem(rng, Math.max(3, Math.floor(evaluations * rng.uniform() * 0.2)));
    const { result } = await watch(make(), problem);
    if (result.outcome !== "converged") return;
    const { gradient } = await problem.objective(result.x);
    const size = Math.hypot(...gradient.x!.data);
    demand(size < 1e-2, `It says converged where the gradient has norm ${size}.`);
  },
};

const resumes: SolverLaw = {
  name: "resuming from a saved state equals an uninterrupted run, bit for bit",
  check: async (make, _options, rng) => {
    const problem = drawProblem(rng, 60);
    const whole = await watch(make(), problem);
    const controller = new AbortController();
    const stopAt = 1 + rng.integer(Math.max(1, whole.calls - 1));
    let calls = 0;
    const objective: Objective = async (x) => {
      if (++calls === stopAt) controller.abort();
      return problem.objective(x);
    };
    const part = await watch(make(), { ...problem, objective, signal: controller.signal });
    const state = JSON.parse(JSON.stringify(part.result.state));
    const rest = await watch(make(), { ...problem, resume: state });
    demandEqual(rest.result.x, whole.result.x, "The resumed run ends elsewhere");
    demand(Object.is(rest.result.value, whole.result.value), "The resumed run ends with another value.");
    demand(rest.result.steps === whole.result.steps, "The resumed run counts other steps.");
    demand(rest.result.outcome === whole.result.outcome, "The resumed run ends with another outcome.");
  },
};

const savesProgress: SolverLaw = {
  name: "a state saved at any step resumes to the same end",
  check: async (make, _options, rng) => {
    const problem = drawProblem(rng, 40);
    const whole = await watch(make(), problem);
    const stopAfter = 1 + rng.integer(5);
    let steps = 0;
    for await (const event of make().minimise(problem)) {
      if (event.kind === "result" || ++steps < stopAfter) continue;
      const rest = await watch(make(), { ...problem, resume: JSON.parse(JSON.stringify(event.save())) });
      demandEqual(rest.result.x, whole.result.x, "The run resumed from progress ends elsewhere");
      return;
    }
  },
};

const aborts: SolverLaw = {
  name: "an abort is honoured within a step and reported as one",
  check: async (make, _options, rng) => {
    const problem = drawProblem(rng, 200);
    const controller = new AbortController();
    const stopAt = 1 + rng.integer(8);
    let calls = 0;
    const objective: Objective = async (x) => {
      calls++;
      if (calls === stopAt) controller.abort();
      return problem.objective(x);
    };
    const { result } = await watch(make(), { ...problem, objective, signal: controller.signal });
    demand(calls <= stopAt + 1, `It asked for ${calls - stopAt} evaluations after the abort.`);
    const finished = calls < stopAt;
    demand(finished || result.outcome === "aborted", `The outcome of an aborted run is "${result.outcome}".`);
    demandFinite(result.x, "An aborted run returned");
  },
};

const divergence: SolverLaw = {
  name: "an honest verdict on problems that diverge, never an exception",
  check: async (make, { bounded = false }, rng) => {
    const start = { x: vector([rng.normal(), rng.normal(), rng.normal()]) };
    const from = 1 + rng.integer(10);
    let calls = 0;
    const cases: Readonly<Record<string, Objective>> = {
      "falls without bound": vectorObjective((x) => {
        const values = Array.from({ length: x.length }, (_, i) => x[i]!);
        return {
          value: -values.reduce((total, v) => total + v * v, 0) - values[0]!,
          gradient: values.map((v, i) => -2 * v - (i === 0 ? 1 : 0)),
        };
      }),
      "becomes NaN": vectorObjective((x) => ({
        value: ++calls > from ? Number.NaN : x[0]! * x[0]! + 1,
        gradient: [calls > from ? Number.NaN : 2 * x[0]! + 0.1, 0.1, 0.1],
      })),
      "is infinite everywhere": vectorObjective(() => ({ value: Number.POSITIVE_INFINITY, gradient: [1, 1, 1] })),
      "is NaN everywhere": vectorObjective(() => ({ value: Number.NaN, gradient: [Number.NaN, 0, 0] })),
    };
    for (const [name, objective] of Object.entries(cases)) {
      const { result } = await watch(make(), { start, objective, evaluations: 400 });
      const fair = bounded && name === "falls without bound";
      demand(fair || result.outcome !== "converged", `On a problem that ${name} it says converged.`);
      demand(result.reason.length > 10, `On a problem that ${name} it gives no reason.`);
      demandFinite(result.x, `On a problem that ${name}, x`);
    }
  },
};

const counts: SolverLaw = {
  name: "counts every evaluation and keeps to the budget",
  check: async (make, _options, rng) => {
    const budget = 1 + rng.integer(60);
    const { result, calls, events } = await watch(make(), drawProblem(rng, budget));
    demand(calls <= budget, `It made ${calls} evaluations of a budget of ${budget}.`);
    demand(result.evaluations === calls, `It reports ${result.evaluations} evaluations and made ${calls}.`);
    let fraction = 0;
    for (const event of events) {
      if (event.kind === "result") continue;
      demand(event.fraction >= fraction && event.fraction <= 1, "Progress must grow within [0, 1].");
      demand(event.remainingMs >= 0 && Number.isFinite(event.remainingMs), "The time left must be a number.");
      fraction = event.fraction;
    }
  },
};

const reportsItsPoint: SolverLaw = {
  name: "the value is the objective at x, and no worse than the start",
  check: async (make, _options, rng) => {
    const problem = drawProblem(rng, 50);
    const { result } = await watch(make(), problem);
    const there = await problem.objective(result.x);
    demand(Object.is(there.value, result.value), `It reports ${result.value} where the objective is ${there.value}.`);
    const atStart = await problem.objective(problem.start);
    demand(result.value <= atStart.value, `It ends at ${result.value}, above the start's ${atStart.value}.`);
  },
};

const pure: SolverLaw = {
  name: "deterministic, and leaves the start as it was",
  check: async (make, _options, rng) => {
    const problem = drawProblem(rng, 40);
    const before: Arrays = copyArrays(problem.start);
    const first = await watch(make(), problem);
    const second = await watch(make(), problem);
    demandEqual(problem.start, before, "The solver changed the start");
    demandEqual(first.result.x, second.result.x, "Two equal runs ended elsewhere");
    demand(first.calls === second.calls, "Two equal runs made different numbers of evaluations.");
    demandJson(make().options, "The solver");
  },
};

/** What must hold of every solver. */
export const solverLaws: readonly SolverLaw[] = [
  solvesTable,
  honestConvergence,
  resumes,
  savesProgress,
  aborts,
  divergence,
  counts,
  reportsItsPoint,
  pure,
];
