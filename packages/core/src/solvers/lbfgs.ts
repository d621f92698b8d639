import { ReconError } from "../errors.ts";
import { type Box, clamp, type FlatBox, flatBox } from "./box.ts";
import { addScaled, applyInverseHessian, inner, pushPair } from "./curvature-pairs.ts";
import { evaluatorOf, type FlatEvaluation } from "./evaluator.ts";
import { flatten, layoutOf, unflatten } from "./layout.ts";
import { freshIterate, type Iterate, readIterate, saveIterate } from "./lbfgs-state.ts";
import { type RayPoint, strongWolfe } from "./line-search.ts";
import { startPace } from "./pace.ts";
import { projectedSearch } from "./projected-search.ts";
import type { Minimisation, Outcome, Solver, SolverEvent } from "./solver.ts";

export interface LbfgsOptions {
  /** Curvature pairs kept. */
  readonly history?: number;
  /** Bounds; with them steps follow the projected path under the Armijo rule instead of strong Wolfe. */
  readonly box?: Box;
  /** Converged as soon as f ≤ target. */
  readonly target?: number;
  /** Converged as soon as every entry of the (projected) gradient is at most this in magnitude. */
  readonly gradientTolerance?: number;
  /** Relative rounding of f: 1e-15 for a float64 objective, about 1e-6 for a float32 one. */
  readonly valueTolerance?: number;
  /** c₁ and c₂ of the Wolfe conditions. */
  readonly decrease?: number;
  readonly curvature?: number;
  /** Evaluations one line search may take. */
  readonly searchEvaluations?: number;
}

interface Reached {
  readonly x: Float64Array;
  readonly evaluation: FlatEvaluation;
}

type Searched = { readonly kind: "moved" | "failed" | "unbounded" | "stopped"; readonly point: Reached | undefined };

/**
 * Limited-memory BFGS with a strong-Wolfe line search; with a box, projected onto it with bound variables held.
 *
 * Every evaluation of a line search counts. Deterministic; a run saved or aborted resumes from its last finished step.
 *
 * @see Liu and Nocedal, Math. Programming 45 (1989); Nocedal and Wright 2006, chapters 3 and 7.
 * @throws ReconError `bad-option` for a history below 1 or not 0 < c₁ < c₂ < 1.
 */
export function lbfgs(options: LbfgsOptions = {}): Solver {
  const { history = 20, decrease = 1e-4, curvature = 0.9 } = options;
  if (!Number.isInteger(history) || history < 1) {
    throw new ReconError("bad-option", `Option "history" must be a whole number of at least 1, not ${history}.`);
  }
  if (!(0 < decrease && decrease < curvature && curvature < 1)) {
    throw new ReconError("bad-option", `Options need 0 < decrease < curvature < 1, not ${decrease} and ${curvature}.`);
  }
  return {
    name: "l-bfgs",
    options: { history, decrease, curvature, box: options.box !== undefined },
    minimise: (problem) => run(problem, { ...options, history, decrease, curvature }),
  };
}

type Settings = LbfgsOptions & { readonly history: number; readonly decrease: number; readonly curvature: number };

async function* run(problem: Minimisation, settings: Settings): AsyncGenerator<SolverEvent, void> {
  const { target = Number.NEGATIVE_INFINITY, gradientTolerance = 0, valueTolerance = 1e-15 } = settings;
  const { decrease, curvature, history, searchEvaluations: searchLimit = 30 } = settings;
  const layout = layoutOf(problem.start);
  const bounds = settings.box === undefined ? undefined : flatBox(settings.box, layout);
  const counted = evaluatorOf(problem.objective, layout, problem.signal);
  const project = bounds === undefined ? undefined : (x: Float64Array) => clamp(x, bounds.lower, bounds.upper);
  const evaluate = async (x: Float64Array): Promise<FlatEvaluation | undefined> =>
    counted.count >= problem.evaluations ? undefined : counted(x);

  const at: Iterate =
    problem.resume === undefined
      ? freshIterate(flatten(problem.start, layout))
      : readIterate(problem.resume, layout.size);
  if (at.step === 0) project?.(at.x);
  counted.count = at.evaluations;
  const pace = startPace(at.evaluations);
  // What the last, unfinished line search reached may be better than the last finished step.
  let kept: Reached | undefined;
  const end = (outcome: Outcome, reason: string): SolverEvent => {
    const value = kept?.evaluation.value ?? at.value;
    const found = { x: unflatten(kept?.x ?? at.x, layout), value, steps: at.step, evaluations: counted.count };
    return { kind: "result", outcome, reason, ...found, state: saveIterate(at) };
  };
  const stopped = (): SolverEvent =>
    problem.signal?.aborted
      ? end("aborted", `The run was aborted after ${at.step} steps.`)
      : end("evaluations spent", `All ${problem.evaluations} evaluations were used, in ${at.step} steps.`);

  if (at.gradient === undefined) {
    const first = await evaluate(at.x);
    if (first === undefined) return yield stopped();
    at.value = first.value;
    if (!first.finite) return yield end("diverged", "The objective or its gradient is not finite at the start.");
    at.gradient = first.gradient;
    at.evaluations = counted.count;
  }

  const search = async (direction: Float64Array, firstStep: number): Promise<Searched> => {
    const gradient = at.gradient!;
    const limit = { decrease, valueTolerance, maxEvaluations: searchLimit };
    if (project !== undefined) {
      const path = { x: at.x, value: at.value, gradient, direction, firstStep, project, evaluate, ...limit };
      const { kind, point } = await projectedSearch(path);
      return { kind: kind === "accepted" ? "moved" : kind, point };
    }
    const ray = async (step: number): Promise<(RayPoint & Reached) | undefined> => {
      const x = at.x.slice();
      addScaled(x, step, direction);
      const evaluation = await evaluate(x);
      if (evaluation === undefined) return undefined;
      const slope = inner(evaluation.gradient, direction);
      return { step, value: evaluation.value, slope, finite: evaluation.finite, x, evaluation };
    };
    const origin = { step: 0, value: at.value, slope: inner(gradient, direction), finite: true };
    const { kind, point } = await strongWolfe(ray, origin, firstStep, { ...limit, curvature });
    return { kind: kind === "strong" || kind === "approximate" ? "moved" : kind, point };
  };

  while (true) {
    const gradient: Float64Array = at.gradient;
    if (at.value <= target) return yield end("converged", `The objective reached its target ${target}.`);
    const free = bounds === undefined ? gradient : freeGradient(gradient, at.x, bounds);
    if (largest(free) <= gradientTolerance) {
      return yield end("converged", `The gradient is within ${gradientTolerance} of zero.`);
    }
    if (counted.count >= problem.evaluations) return yield stopped();

    const quasiNewton = free.slice();
    applyInverseHessian(at.pairs, quasiNewton);
    if (bounds !== undefined) holdWhereZero(quasiNewton, free);
    const steep = at.pairs.s.length === 0 || !(inner(quasiNewton, gradient) > 0);
    const direction = negated(steep ? free : quasiNewton);
    const { kind, point } = await search(direction, steep ? 1 / Math.max(1, norm1(free)) : 1);
    if (kind === "stopped") {
      kept = point;
      return yield stopped();
    }
    if (kind === "unbounded") {
      kept = point;
      return yield end("diverged", "The objective falls without bound along a direction.");
    }
    if (point === undefined) {
      if (at.pairs.s.length === 0) {
        const size = largest(free);
        return yield end("stalled", `No step lowers the objective, although the gradient has entries up to ${size}.`);
      }
      // The quadratic model may be stale: forget it and try once more along the gradient.
      at.pairs = { s: [], y: [], rho: [] };
      at.evaluations = counted.count;
      continue;
    }
    const change = point.x.slice();
    addScaled(change, -1, at.x);
    const turn = point.evaluation.gradient.slice();
    addScaled(turn, -1, gradient);
    if (kind === "failed") at.pairs = { s: [], y: [], rho: [] };
    pushPair(at.pairs, change, turn, history);
    Object.assign(at, { x: point.x, value: point.evaluation.value, gradient: point.evaluation.gradient });
    at.step++;
    at.evaluations = counted.count;
    const timing = pace.at(at.evaluations, problem.evaluations);
    const where = { step: at.step, evaluations: at.evaluations, value: at.value, best: at.value };
    yield { kind: "progress", ...where, ...timing, save: () => saveIterate(at) };
  }
}

// Loops stand in functions of their own: the compiler does not optimise them inside a generator.

/** The gradient without the variables at a bound that it pushes further out. */
function freeGradient(gradient: Float64Array, x: Float64Array, { lower, upper }: FlatBox): Float64Array {
  const free = gradient.slice();
  for (let i = 0; i < free.length; i++) {
    if (gradient[i]! > 0 ? x[i]! <= lower[i]! : x[i]! >= upper[i]!) free[i] = 0;
  }
  return free;
}

function holdWhereZero(direction: Float64Array, free: Float64Array): void {
  for (let i = 0; i < direction.length; i++) if (free[i] === 0) direction[i] = 0;
}

function negated(x: Float64Array): Float64Array {
  const result = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) result[i] = -x[i]!;
  return result;
}

function largest(x: Float64Array): number {
  let result = 0;
  for (let i = 0; i < x.length; i++) {
    const size = Math.abs(x[i]!);
    if (size > result) result = size;
  }
  return result;
}

function norm1(x: Float64Array): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += Math.abs(x[i]!);
  return total;
}
