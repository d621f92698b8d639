/** f and its slope at one step length; `undefined` from a `Ray` means that the search must end (abort or budget). */
export interface RayPoint {
  readonly step: number;
  readonly value: number;
  /** d/dα f(x + α d) = ∇f · d. */
  readonly slope: number;
  readonly finite: boolean;
}

/** The objective along a direction. */
export type Ray<P extends RayPoint> = (step: number) => Promise<P | undefined>;

export interface LineSearchOptions {
  /** c₁ of sufficient decrease. */
  readonly decrease?: number;
  /** c₂ of curvature, c₁ < c₂ < 1. */
  readonly curvature?: number;
  readonly maxEvaluations?: number;
  readonly maxStep?: number;
  /**
   * Relative rounding of f. Two values closer than this cannot be told apart, and the search then judges by slopes alone
   * (approximate Wolfe conditions, Hager and Zhang 2005, equation 23).
   */
  readonly valueTolerance?: number;
}

/**
 * - `strong`: both strong Wolfe conditions hold.
 * - `approximate`: f is flat to rounding and the slopes satisfy the approximate conditions.
 * - `failed`: no such step was found; `point` is the best decrease met, if any.
 * - `unbounded`: f still falls at the largest step.
 * - `stopped`: the ray ended the search.
 */
export interface LineSearchResult<P extends RayPoint> {
  readonly kind: "strong" | "approximate" | "failed" | "unbounded" | "stopped";
  readonly point: P | undefined;
}

/**
 * A step α that satisfies the strong Wolfe conditions
 * f(α) ≤ f(0) + c₁ α f′(0) and |f′(α)| ≤ c₂ |f′(0)|, by bracketing and zooming with safeguarded cubic interpolation.
 *
 * A point where f is not finite counts as too far. `origin.slope` must be negative.
 *
 * @see Nocedal and Wright, Numerical Optimization, 2006, algorithms 3.5 and 3.6.
 */
export async function strongWolfe<P extends RayPoint>(
  ray: Ray<P>,
  origin: RayPoint,
  firstStep: number,
  options: LineSearchOptions = {},
): Promise<LineSearchResult<P>> {
  const { decrease = 1e-4, curvature = 0.9, maxEvaluations = 30, maxStep = 1e20, valueTolerance = 1e-15 } = options;
  const rounding = valueTolerance * Math.abs(origin.value);
  const lowEnough = (p: RayPoint): boolean => p.value <= origin.value + decrease * p.step * origin.slope;
  const flatEnough = (p: RayPoint): boolean => Math.abs(p.slope) <= -curvature * origin.slope;
  const accepted = (p: RayPoint): "strong" | "approximate" | undefined => {
    if (!p.finite) return undefined;
    if (lowEnough(p) && flatEnough(p)) return "strong";
    const sameValue = Math.abs(p.value - origin.value) <= rounding;
    const slopes = p.slope <= (2 * decrease - 1) * origin.slope && p.slope >= curvature * origin.slope;
    return sameValue && slopes ? "approximate" : undefined;
  };

  let low: RayPoint = origin;
  let high: RayPoint | undefined;
  let best: P | undefined;
  let step = Math.min(firstStep, maxStep);
  for (let made = 0; made < maxEvaluations; made++) {
    const point = await ray(step);
    if (point === undefined) return { kind: "stopped", point: best };
    if (point.finite && point.value < (best?.value ?? origin.value)) best = point;
    const verdict = accepted(point);
    if (verdict !== undefined) return { kind: verdict, point };

    if (!point.finite || !lowEnough(point) || point.value >= low.value) {
      high = point;
    } else {
      // A low enough point whose slope leads away from the far end puts the minimum between it and the old low one.
      const forward = high === undefined ? 1 : Math.sign(high.step - low.step);
      if (point.slope * forward >= 0) high = low;
      else if (high === undefined && step >= maxStep) return { kind: "unbounded", point: best };
      low = point;
    }
    if (high === undefined) {
      step = Math.min(expand(low, origin), maxStep);
    } else {
      step = inside(low, high);
      if (step === low.step || step === high.step) break;
    }
  }
  return { kind: "failed", point: best };
}

/** The next step out while f still falls: where its slope would vanish if it went on straight, within [2, 10] times. */
function expand(point: RayPoint, origin: RayPoint): number {
  const bend = (point.slope - origin.slope) / point.step;
  const guess = bend > 0 ? point.step - point.slope / bend : Number.POSITIVE_INFINITY;
  return Math.min(Math.max(guess, 2 * point.step), 10 * point.step);
}

/** The minimiser of the cubic through two points, kept a tenth of the interval away from its ends. */
function inside(low: RayPoint, high: RayPoint): number {
  const width = high.step - low.step;
  const middle = low.step + width / 2;
  if (!high.finite) return low.step + width / 10;
  const guess = cubicMinimiser(low, high);
  const margin = Math.abs(width) / 10;
  const from = Math.min(low.step, high.step) + margin;
  const to = Math.max(low.step, high.step) - margin;
  return Number.isFinite(guess) ? Math.min(Math.max(guess, from), to) : middle;
}

/** Minimiser of the cubic with the values and slopes of two points; NaN where it has none. Nocedal and Wright, equation 3.59. */
export function cubicMinimiser(a: RayPoint, b: RayPoint): number {
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.step - b.step);
  const d2 = Math.sign(b.step - a.step) * Math.sqrt(d1 * d1 - a.slope * b.slope);
  return b.step - ((b.step - a.step) * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2);
}
