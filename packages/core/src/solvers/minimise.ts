import type { Projection, Projector } from "./box.ts";
import { addScaled } from "./curvature-pairs.ts";
import { evaluatorOf } from "./evaluator.ts";
import { flatten, layoutOf, unflatten } from "./layout.ts";
import { startPace } from "./pace.ts";
import { encodeState, readState } from "./saved-state.ts";
import type { Minimisation, Outcome, SavedState, SolverEvent } from "./solver.ts";
import type { Transform } from "./transform.ts";
import { restoreTransform, transformRecord } from "./transform-record.ts";

/** How a first-order run moves and when it stops. */
export interface DescentOptions {
  /** What turns a gradient into a step, for instance `chain(hardSign(), scaleByAdam(), scale(.1))`. */
  readonly update: Transform;
  /** Applied to the start and after every step, or every so many. */
  readonly project?: Projector;
  /** After how many steps the projection is applied; every one unless said. */
  readonly projectEvery?: number;
  /** Return the iterate with the least objective (default) or the last one evaluated. */
  readonly keepBest?: boolean;
  /** Converged as soon as f ≤ target. */
  readonly target?: number;
  /** Converged as soon as every entry of x − P(x − ∇f) is at most this in magnitude; 0, the default, asks for a zero gradient. */
  readonly gradientTolerance?: number;
  /** Stalled after this many steps without a new best; unlimited by default. */
  readonly patience?: number;
}

/** A whole first-order run; `steps` is the number of steps N that schedules refer to, one evaluation each. */
export interface MinimiseOptions extends DescentOptions, Omit<Minimisation, "evaluations"> {
  readonly steps: number;
}

const format = "recon-descent/1";

/**
 * First-order minimisation: x ← P(x − update(∇f(x))), N times.
 *
 * Yields progress after every step and ends with a result; non-convergence is an outcome and not an exception.
 *
 * @throws ReconError `bad-resume` for a state of another run, `objective-shape` for a gradient that does not fit,
 * and whatever the objective throws.
 */
export async function* minimise(options: MinimiseOptions): AsyncGenerator<SolverEvent, void> {
  const { update, steps, keepBest = true, target = Number.NEGATIVE_INFINITY } = options;
  const { gradientTolerance = 0, patience = Number.POSITIVE_INFINITY, projectEvery = 1 } = options;
  const layout = layoutOf(options.start);
  const project = options.project?.(layout);
  const evaluate = evaluatorOf(options.objective, layout, options.signal);

  let x: Float64Array = flatten(options.start, layout);
  project?.(x);
  let kept: Float64Array = x.slice();
  let state = update.init(layout.size, layout);
  let step = 0;
  let bestStep = 0;
  let best = Number.NaN;
  let keptValue = Number.NaN;
  let startValue = Number.NaN;
  let last = Number.NaN;
  if (options.resume !== undefined) {
    const saved = readState(options.resume, format);
    x = saved.vector("x", layout.size);
    kept = saved.vector("kept", layout.size);
    state = restoreTransform(state, saved.raw("transform"));
    step = saved.number("step");
    bestStep = saved.number("bestStep");
    best = saved.number("best");
    keptValue = saved.number("keptValue");
    startValue = saved.number("startValue");
  }
  evaluate.count = step;
  const pace = startPace(step);
  const save = (): SavedState => {
    const transform = transformRecord(state);
    return encodeState({ format, x, kept, transform, step, bestStep, best, keptValue, startValue });
  };
  const end = (outcome: Outcome, reason: string): SolverEvent => {
    const result = { x: unflatten(kept, layout), value: keptValue, steps: step, evaluations: evaluate.count };
    return { kind: "result", outcome, reason, ...result, state: save() };
  };

  while (step < steps) {
    const point = await evaluate(x);
    if (point === undefined) return yield end("aborted", `The run was aborted after ${step} of ${steps} steps.`);
    const { value, gradient, finite } = point;
    if (step === 0) startValue = value;
    last = value;
    if (Number.isFinite(value) && !(value >= best)) {
      best = value;
      bestStep = step;
      keptValue = value;
      kept.set(x);
    } else if (!keepBest && finite) {
      keptValue = value;
      kept.set(x);
    }
    if (!finite) return yield end("diverged", `The objective or its gradient is not finite at step ${step}.`);
    if (value <= target) return yield end("converged", `The objective reached its target ${target} at step ${step}.`);
    if (isStationary(x, gradient, project, gradientTolerance)) {
      return yield end("converged", `The gradient is within ${gradientTolerance} of zero at step ${step}.`);
    }
    if (step - bestStep >= patience) {
      return yield end("stalled", `The objective did not improve for ${patience} steps.`);
    }
    update.update(gradient, state, { step, steps, value });
    addScaled(x, -1, gradient);
    step++;
    if (step % projectEvery === 0) project?.(x);
    const timing = pace.at(step, steps);
    yield { kind: "progress", step, evaluations: evaluate.count, value, best, ...timing, save };
  }
  const note = last > startValue ? ` The objective ended at ${last}, above its start ${startValue}.` : "";
  yield end("evaluations spent", `All ${steps} evaluations were used.${note}`);
}

/** Whether every entry of |x − P(x − ∇f)|, which is |∇f| where nothing is bounded, is at most the tolerance. */
function isStationary(
  x: Float64Array,
  gradient: Float64Array,
  project: Projection | undefined,
  tolerance: number,
): boolean {
  if (project === undefined) {
    for (let i = 0; i < gradient.length; i++) if (Math.abs(gradient[i]!) > tolerance) return false;
    return true;
  }
  const moved = x.slice();
  addScaled(moved, -1, gradient);
  project(moved);
  for (let i = 0; i < x.length; i++) if (Math.abs(x[i]! - moved[i]!) > tolerance) return false;
  return true;
}
