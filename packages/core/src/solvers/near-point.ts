import type { NdArray } from "@recon/engine";
import { addScaled, applyInverseHessian, type CurvaturePairs, inner, pushPair } from "./curvature-pairs.ts";
import type { Objective } from "./objective.ts";

/** What a data step is given besides the objective. */
export interface NearPoint {
  /** v, which the result is to stay near. */
  readonly centre: NdArray;
  /** μ > 0 of the term ½ μ ‖x − v‖². */
  readonly weight: number;
  readonly start: NdArray;
  /** L, the largest curvature of the objective, as far as is known: steps that nothing better is known for are 1 / (L + μ) of the gradient. */
  readonly curvature: number;
  /** What is known of the curvature of f alone, from steps before; this one's are added. */
  readonly memory: CurvaturePairs;
  /** At least 2, so that a step is looked at. */
  readonly evaluations: number;
  readonly signal?: AbortSignal;
}

export interface NearPointResult {
  readonly x: NdArray;
  /** f(x), without the quadratic term; NaN where nothing finite was met. */
  readonly value: number;
  readonly evaluations: number;
}

/** Pairs that are remembered. */
const history = 30;

/** Relative rounding of an objective in float32. */
const rounding = 1e-6;

/**
 * argmin f(x) + ½ μ ‖x − v‖² for the unknown `input`, by limited-memory BFGS: the data step of half-quadratic splitting.
 *
 * The memory holds changes of ∇f alone; a pair (s, y) stands for (s, y + μ s) at every μ, so that what one step learns of f serves all that follow with other
 * centres and weights. A step that raises the objective is shortened to a quarter; after two of those the memory is given up.
 *
 * @see D. Liu, J. Nocedal, "On the limited memory BFGS method", Math. Programming 45 (1989).
 */
export async function nearPoint(objective: Objective, options: NearPoint): Promise<NearPointResult> {
  const { centre, weight, start, curvature, memory, evaluations, signal } = options;
  const { shape } = start;
  const evaluate = async (x: Float64Array): Promise<Point> => {
    const { value, gradient } = await objective({ input: { shape, data: x } });
    const slope = Float64Array.from(gradient.input!.data);
    const apart = x.map((entry, i) => entry - centre.data[i]!);
    const total = value + 0.5 * weight * inner(apart, apart);
    const down = slope.map((entry, i) => -entry - weight * apart[i]!);
    return { x, value, slope, total, down };
  };
  let base = await evaluate(Float64Array.from(start.data));
  let used = 1;
  if (!Number.isFinite(base.total)) return { x: start, value: Number.NaN, evaluations: used };
  let [shortened, length] = [0, 1];
  while (used < evaluations && !signal?.aborted) {
    const step = base.down.slice();
    if (memory.s.length > 0) applyInverseHessian(shifted(memory, weight), step);
    // What a stale memory turns uphill is no better than the gradient.
    const known = memory.s.length > 0 && inner(step, base.down) > 0;
    const scale = known ? length : length / (curvature + weight);
    const x = base.x.slice();
    addScaled(x, scale, known ? step : base.down);
    const trial = await evaluate(x);
    used++;
    if (trial.total <= base.total + rounding * Math.abs(base.total)) {
      const turn = trial.slope.map((entry, i) => entry - base.slope[i]!);
      pushPair(
        memory,
        trial.x.map((entry, i) => entry - base.x[i]!),
        turn,
        history,
      );
      base = trial;
      [shortened, length] = [0, 1];
    } else {
      length /= 4;
      shortened++;
      if (shortened === 2) for (const list of [memory.s, memory.y, memory.rho]) list.length = 0;
    }
  }
  return { x: { shape, data: base.x }, value: base.value, evaluations: used };
}

/** The pairs of f(x) + ½ μ ‖x‖². */
function shifted({ s, y }: CurvaturePairs, weight: number): CurvaturePairs {
  const turned = y.map((change, k) => change.map((entry, i) => entry + weight * s[k]![i]!));
  return { s, y: turned, rho: turned.map((change, k) => 1 / inner(change, s[k]!)) };
}

interface Point {
  readonly x: Float64Array;
  readonly value: number;
  readonly slope: Float64Array;
  readonly total: number;
  /** −∇ of the whole. */
  readonly down: Float64Array;
}
