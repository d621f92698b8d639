import type { Activation } from "@recon/engine";

/** An activation h = s(z), read backwards: all but `apply` is a function of its output h. */
export interface InverseActivation {
  /** The nearest output from which z can be computed. */
  clip(h: number): number;
  /** z = s⁻¹(h). */
  invert(h: number): number;
  /** s'(z). */
  slope(h: number): number;
  /**
   * Weight of the equation (W x + b) = s⁻¹(h): how much less accurate z is than h where the activation is flat, 1 at its steepest.
   * 0 where h does not determine z.
   */
  weight(h: number): number;
  /** Whether s' jumps at 0; never unless said. */
  readonly kinked?: boolean;
  /** Whether s is 0 for all z below 0, where it hides z; never unless said. */
  readonly switchesOff?: boolean;
  /** s''(z). */
  curvature(h: number): number;
  /** h = s(z). */
  apply(z: number): number;
}

// Observed outputs of a saturated unit may round to the limit itself, whose inverse is infinite.
const margin = 1e-7;
const between = (h: number, low: number, high: number): number => Math.min(high, Math.max(low, h));

const inverses: Readonly<Record<string, (slope: number) => InverseActivation>> = {
  identity: () => ({
    clip: (h) => h,
    invert: (h) => h,
    slope: () => 1,
    weight: () => 1,
    curvature: () => 0,
    apply: (z) => z,
  }),
  sigmoid: () => ({
    clip: (h) => between(h, margin, 1 - margin),
    invert: (h) => Math.log(h / (1 - h)),
    slope: (h) => h * (1 - h),
    weight: (h) => 4 * h * (1 - h),
    curvature: (h) => h * (1 - h) * (1 - 2 * h),
    apply: (z) => 1 / (1 + Math.exp(-z)),
  }),
  tanh: () => ({
    clip: (h) => between(h, margin - 1, 1 - margin),
    invert: (h) => Math.atanh(h),
    slope: (h) => 1 - h * h,
    weight: (h) => 1 - h * h,
    curvature: (h) => -2 * h * (1 - h * h),
    apply: Math.tanh,
  }),
  leakyRelu: (slope) => ({
    clip: (h) => h,
    invert: (h) => (h > 0 ? h : h / slope),
    slope: (h) => (h > 0 ? 1 : slope),
    weight: (h) => (h > 0 ? 1 : slope),
    kinked: true,
    curvature: () => 0,
    apply: (z) => (z > 0 ? z : slope * z),
  }),
  softplus: () => ({
    clip: (h) => Math.max(h, margin),
    invert: (h) => h + Math.log(-Math.expm1(-h)),
    slope: (h) => -Math.expm1(-h),
    weight: (h) => -Math.expm1(-h),
    curvature: (h) => -Math.expm1(-h) * Math.exp(-h),
    apply: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
  }),
  elu: () => ({
    clip: (h) => Math.max(h, margin - 1),
    invert: (h) => (h > 0 ? h : Math.log1p(h)),
    slope: (h) => (h > 0 ? 1 : 1 + h),
    weight: (h) => (h > 0 ? 1 : 1 + h),
    curvature: (h) => (h > 0 ? 0 : 1 + h),
    apply: (z) => (z > 0 ? z : Math.expm1(z)),
  }),
  // A unit that is off says only z ≤ 0, so its equation drops out and the layer may be left undetermined.
  relu: () => ({
    clip: (h) => Math.max(h, 0),
    invert: (h) => h,
    slope: (h) => (h > 0 ? 1 : 0),
    weight: (h) => (h > 0 ? 1 : 0),
    kinked: true,
    switchesOff: true,
    curvature: () => 0,
    apply: (z) => Math.max(z, 0),
  }),
};

/** An activation and its inverse, or undefined where there is none. */
export function inverseActivation({ name, slope = 0.01 }: Activation): InverseActivation | undefined {
  if (name === "leakyRelu" && slope <= 0) return undefined;
  return Object.hasOwn(inverses, name) ? inverses[name]!(slope) : undefined;
}
