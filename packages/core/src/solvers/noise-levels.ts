import type { NdArray } from "@recon/engine";
import type { Rng } from "../random.ts";
import { type CurvaturePairs, inner, pushPair } from "./curvature-pairs.ts";
import type { Objective } from "./objective.ts";

/** σ₁ > … > σ_K, evenly spaced by their logarithms; the last alone where K = 1. */
export function noiseLevels(from: number, to: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, k) => from * (to / from) ** (count === 1 ? 1 : k / (count - 1)));
}

/** Curvature of an objective along random directions. */
export interface Curvature {
  /** Mean of nᵀ H n / n: the trace of the Hessian an entry. */
  readonly mean: number;
  /** The same over the entries of each item alone, [B]. */
  readonly means: readonly number[];
  /** The largest of ‖H n‖ / ‖n‖ that was met after a few steps of the power method; at least the mean. */
  readonly largest: number;
  readonly evaluations: number;
}

export interface CurvatureProbes {
  /** Length ε of a probe, an entry. */
  readonly step: number;
  readonly probes: number;
  readonly rng: Rng;
  /** Where the pairs of displacement and change of the gradient are kept, too. */
  readonly memory?: CurvaturePairs;
}

/**
 * Mean and largest curvature of an objective near x, by differences of gradients: H n ≈ (∇f(x + ε n) − ∇f(x)) / ε.
 *
 * The first half of the probes are random signs, for the trace (Hutchinson); the others go on from the last by the power method.
 */
export async function curvatureAt(
  objective: Objective,
  x: NdArray,
  { step, probes, rng, memory }: CurvatureProbes,
): Promise<Curvature> {
  const gradientAt = async (at: NdArray): Promise<NdArray["data"]> =>
    (await objective({ input: at })).gradient.input!.data;
  const base = await gradientAt(x);
  const n = x.data.length;
  let direction = Float64Array.from({ length: n }, () => (rng.uniform() < 0.5 ? -1 : 1));
  const traces = new Array<number>(x.shape[0] ?? 1).fill(0);
  const item = n / traces.length;
  let [traced, largest] = [0, 0];
  for (let probe = 0; probe < probes; probe++) {
    const moved = Float64Array.from(x.data, (value, i) => value + step * direction[i]!);
    const there = await gradientAt({ shape: x.shape, data: moved });
    const product = Float64Array.from(direction, (_, i) => (there[i]! - base[i]!) / step);
    const length = Math.sqrt(inner(product, product));
    if (memory !== undefined) {
      const [s, y] = [direction, product].map((values) => values.map((value) => step * value)) as [
        Float64Array,
        Float64Array,
      ];
      pushPair(memory, s, y, probes);
    }
    const before = Math.sqrt(n);
    largest = Math.max(largest, length / before);
    if (probe < Math.ceil(probes / 2)) {
      direction.forEach((value, i) => {
        traces[Math.floor(i / item)]! += (value * product[i]!) / item;
      });
      traced++;
    }
    const goesOn = probe + 1 >= Math.ceil(probes / 2) && length > 0;
    direction = goesOn
      ? product.map((value) => (value * before) / length)
      : Float64Array.from({ length: n }, () => (rng.uniform() < 0.5 ? -1 : 1));
  }
  const means = traces.map((trace) => trace / traced);
  const mean = means.reduce((total, value) => total + value / means.length, 0);
  return { mean, means, largest: Math.max(largest, mean), evaluations: probes + 1 };
}

/** The standard deviation of an entry that the observation leaves open where all directions are alike: 1/√h. Infinite where it says nothing. */
export function openDeviation({ mean }: Pick<Curvature, "mean">): number {
  return mean > 0 ? 1 / Math.sqrt(mean) : Number.POSITIVE_INFINITY;
}
