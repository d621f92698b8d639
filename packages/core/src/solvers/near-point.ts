import type { NdArray } from "@recon/engine";
import { broadcastValues } from "./broadcast-values.ts";
import type { Evaluation, Objective } from "./objective.ts";

/** What a data step is given besides the objective. */
export interface NearPoint {
  /** v, which the result is to stay near. */
  readonly centre: NdArray;
  /** μ > 0 of the term ½ μ ‖x − v‖². */
  readonly weight: number;
  readonly start: NdArray;
  /** L, the largest curvature of the objective, as far as is known; it is raised where a step overshoots. */
  readonly curvature: number;
  readonly evaluations: number;
  readonly lower: NdArray | number;
  readonly upper: NdArray | number;
  readonly signal?: AbortSignal;
}

export interface NearPointResult {
  readonly x: NdArray;
  /** f(x), without the quadratic term; NaN where nothing finite was met. */
  readonly value: number;
  readonly curvature: number;
  readonly evaluations: number;
}

/**
 * argmin over the box of f(x) + ½ μ ‖x − v‖² for the unknown `input`, by accelerated projected gradient steps 1 / (L + μ) with momentum (√κ − 1) / (√κ + 1),
 * κ = (L + μ) / μ: the data step of half-quadratic splitting. A step that raises the objective is taken back, first without its
 * momentum, then with L doubled. The last step is taken without a look at where it leads.
 *
 * @see Y. Nesterov, "Introductory lectures on convex optimization", 2004, section 2.2.
 */
export async function nearPoint(objective: Objective, options: NearPoint): Promise<NearPointResult> {
  const { centre, weight, start, evaluations, signal } = options;
  const { shape } = start;
  const lower = broadcastValues(options.lower, shape, "lower bound");
  const upper = broadcastValues(options.upper, shape, "upper bound");
  const clamped = (values: Float64Array): Float64Array =>
    values.map((value, i) => Math.min(upper[i]!, Math.max(lower[i]!, value)));
  const evaluate = async (x: Float64Array): Promise<Point> => {
    const at = await objective({ input: { shape, data: x } });
    const distance = x.reduce((sum, value, i) => sum + (value - centre.data[i]!) ** 2, 0);
    return { x, total: at.value + 0.5 * weight * distance, at };
  };
  let curvature = options.curvature;
  let used = 1;
  let base = await evaluate(clamped(Float64Array.from(start.data)));
  if (!Number.isFinite(base.total)) return { x: start, value: Number.NaN, curvature, evaluations: used };
  const stepFrom = ({ x, at }: Point): Float64Array => {
    const step = 1 / (curvature + weight);
    const slope = at.gradient.input!.data;
    return clamped(x.map((value, i) => value - step * (slope[i]! + weight * (value - centre.data[i]!))));
  };
  let previous = base.x;
  let carried = true;
  while (used < evaluations && !signal?.aborted) {
    const next = stepFrom(base);
    const root = Math.sqrt((curvature + weight) / weight);
    const momentum = carried ? (root - 1) / (root + 1) : 0;
    const ahead = await evaluate(clamped(next.map((value, i) => value + momentum * (value - previous[i]!))));
    used++;
    if (ahead.total <= base.total + 1e-6 * Math.abs(base.total)) {
      previous = next;
      base = ahead;
      carried = true;
    } else if (carried) carried = false;
    else curvature *= 2;
  }
  return { x: { shape, data: stepFrom(base) }, value: base.at.value, curvature, evaluations: used };
}

interface Point {
  readonly x: Float64Array;
  readonly total: number;
  readonly at: Evaluation;
}
