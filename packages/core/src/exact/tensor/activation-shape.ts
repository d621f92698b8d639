import type { ActivationFunction } from "./activation-function.ts";

/** What an activation's form leaves open about the samples. */
export interface ActivationShape {
  /** s′ is even, as for an odd activation: (x, r) and (−x, −r) have the same first-layer gradient. */
  readonly evenSlope: boolean;
  /** s(0). */
  readonly atZero: number;
  /** s′ jumps at 0. */
  readonly kinked: boolean;
  /** Piecewise straight: s″ is zero wherever it exists. */
  readonly piecewiseStraight: boolean;
  /** s(c z) = c s(z) for c > 0: the length of x and the size of r are open. */
  readonly homogeneous: boolean;
}

/** Reads the form of an activation off its values at a few hundred points. */
export async function activationShape(s: ActivationFunction): Promise<ActivationShape> {
  // Irrational steps, so that no kink at a round number is met by accident.
  const right = Float64Array.from({ length: 200 }, (_, i) => 0.0123 + i * 0.0271828);
  const n = right.length;
  const points = new Float64Array(3 * n + 3);
  right.forEach((z, i) => {
    points[i] = z;
    points[n + i] = -z;
    points[2 * n + i] = 2 * (i % 2 === 0 ? z : -z);
  });
  points[3 * n + 1] = 1e-9;
  points[3 * n + 2] = -1e-9;
  const [value, slope, curvature] = (await s(points, 2)) as [Float64Array, Float64Array, Float64Array];
  const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(a), Math.abs(b));
  const indices = Array.from(right, (_, i) => i);
  return {
    evenSlope: indices.every((i) => close(slope[i]!, slope[n + i]!)),
    atZero: value[3 * n]!,
    kinked: Math.abs(slope[3 * n + 1]! - slope[3 * n + 2]!) > 1e-6,
    piecewiseStraight: curvature.every((x) => x === 0),
    homogeneous: indices.every((i) => close(value[2 * n + i]!, 2 * value[i % 2 === 0 ? i : n + i]!)),
  };
}
